"""Compares outcomes of the expressions in cases.py with those recorded from TensorFlow 1.15.5."""

import json
import os
import types
import warnings

import numpy as np

from graphflow.framework import device, dtypes, errors, tensor_proto, tensor_shape
from graphflow.framework.export import PUBLIC

from . import cases

_PATH = os.path.join(os.path.dirname(__file__), '..', 'golden', 'framework.json')

NAMES = {'tf': types.SimpleNamespace(errors=errors, **{k: v for k, v in PUBLIC.items() if '.' not in k}),
         'np': np, 'shapes': tensor_shape, 'device': device, 'protos': tensor_proto, 'dtypes': dtypes}


def recorded(group):
    with open(_PATH) as file:
        return json.load(file)[group]


def differences(group):
    """[expression, recorded, found] of each expression of the group whose outcome differs."""
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        for text, expected in recorded(group):
            outcome = cases.outcome(text, NAMES)
            if outcome != expected:
                found.append([text, expected, outcome])
    return found
