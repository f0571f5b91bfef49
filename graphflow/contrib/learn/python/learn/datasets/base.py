"""Tables in CSV files, as numpy arrays; and the tuples that data sets come in."""
import csv

import numpy as np

from graphflow.examples.tutorials.mnist.data_set import Dataset, Datasets
from graphflow.examples.tutorials.mnist.download import maybe_download

__all__ = ['Dataset', 'Datasets', 'load_csv_with_header', 'load_csv_without_header', 'maybe_download']


def load_csv_with_header(filename, target_dtype, features_dtype, target_column=-1):
    """Reads a CSV file whose first line starts with the number of rows and the number of features.

    Args:
        filename: the file.
        target_dtype: numpy type of the target column.
        features_dtype: numpy type of the other columns.
        target_column: which column holds the target.

    Returns:
        A `Dataset` tuple: `data` of shape [rows, features] and `target` of shape [rows].

    Raises:
        ValueError: a value is not of its type, or the file does not have as many rows and features as it says.
    """
    with open(filename, newline='') as file:
        rows = csv.reader(file)
        expected = tuple(int(number) for number in next(rows)[:2])
        table = _split(rows, target_dtype, features_dtype, target_column)
    if table.data.shape != expected:
        raise ValueError('%s announces %d rows of %d features but holds %d of %d'
                         % ((filename,) + expected + table.data.shape))
    return table


def load_csv_without_header(filename, target_dtype, features_dtype, target_column=-1):
    """As `load_csv_with_header`, for a file of nothing but rows."""
    with open(filename, newline='') as file:
        return _split(csv.reader(file), target_dtype, features_dtype, target_column)


def _split(rows, target_dtype, features_dtype, target_column):
    data, target = [], []
    for row in rows:
        target.append(row.pop(target_column))
        data.append(np.asarray(row, features_dtype))
    return Dataset(data=np.array(data), target=np.array(target, target_dtype))
