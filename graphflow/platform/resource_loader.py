"""tf.resource_loader: files that lie beside the code that asks for them."""

import os
import sys

from graphflow.framework.export import export


@export('resource_loader.load_resource')
def load_resource(path):
    """The bytes of a file of the package. `path` is relative to the package."""
    with open(os.path.join(os.path.dirname(os.path.dirname(__file__)), path), 'rb') as f:
        return f.read()


@export('resource_loader.get_data_files_path')
def get_data_files_path():
    """The directory of the calling file."""
    return _directory_of_caller()


@export('resource_loader.get_path_to_datafile')
def get_path_to_datafile(path):
    """The path of a file given relative to the directory of the calling file."""
    return os.path.join(_directory_of_caller(), path)


@export('resource_loader.get_root_dir_with_all_resources')
def get_root_dir_with_all_resources():
    """The directory that resources are relative to: that of the calling file."""
    return _directory_of_caller()


@export('resource_loader.readahead_file_path')
def readahead_file_path(path, readahead='128M'):
    """The path itself; read-ahead is the operating system's business."""
    return path


def _directory_of_caller():
    return os.path.dirname(sys._getframe(2).f_globals.get('__file__', ''))
