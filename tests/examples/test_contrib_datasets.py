"""`tf.contrib.learn.datasets`."""
import numpy as np
import pytest

from graphflow.contrib.learn.python.learn import datasets
from graphflow.contrib.learn.python.learn.datasets import base, mnist
from graphflow.examples.tutorials.mnist import input_data


def test_mnist_is_the_same_in_both_places():
    assert mnist.read_data_sets is input_data.read_data_sets and mnist.DataSet is input_data.DataSet


def test_load_dataset_knows_its_names():
    assert datasets.DATASETS['mnist'] is input_data.load_mnist
    with pytest.raises(ValueError, match='Name of dataset is not found: nope'):
        datasets.load_dataset('nope')


@pytest.mark.parametrize('target_column, target', [(-1, [0, 1, 2]), (0, [1, 3, 5])])
def test_csv(tmp_path, target_column, target):
    path = tmp_path / 'a.csv'
    path.write_text('1,2,0\n3,4.5,1\n5,6,2\n')
    table = base.load_csv_without_header(path, int, float, target_column)
    assert table.target.tolist() == target and table.data.shape == (3, 2) and table.data.dtype == np.float64
    path.write_text('3,2,a,b\n' + path.read_text())
    np.testing.assert_array_equal(base.load_csv_with_header(path, int, float, target_column).data, table.data)


def test_csv_with_a_wrong_header(tmp_path):
    path = tmp_path / 'a.csv'
    path.write_text('2,2\n1,2,0\n')
    with pytest.raises(ValueError, match='announces 2 rows of 2 features but holds 1 of 2'):
        base.load_csv_with_header(path, int, float)
