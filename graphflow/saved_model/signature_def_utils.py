"""SignatureDefs: what a graph computes, as named inputs and outputs."""
from graphflow.framework import dtypes
from graphflow.framework.export import export
from graphflow.saved_model import signature_constants, utils


def _export(function):
    return export('saved_model.' + function.__name__, 'saved_model.signature_def_utils.' + function.__name__)(function)


@_export
def build_signature_def(inputs=None, outputs=None, method_name=None):
    """A SignatureDef message.

    Args:
      inputs, outputs: dicts of names to TensorInfo messages.
      method_name: what the signature computes (see tf.saved_model.signature_constants).
    """
    from tensorboard.compat.proto import meta_graph_pb2
    signature = meta_graph_pb2.SignatureDef()
    for field, infos in ((signature.inputs, inputs), (signature.outputs, outputs)):
        for name, info in (infos or {}).items():
            field[name].CopyFrom(info)
    if method_name is not None:
        signature.method_name = method_name
    return signature


def _checked(tensor, dtype, message):
    """The TensorInfo of a tensor that must have the dtype. Raises: ValueError with the message."""
    info = utils.build_tensor_info(tensor)
    if info.dtype != dtype.as_datatype_enum:
        raise ValueError(message)
    return info


@_export
def regression_signature_def(examples, predictions):
    """The SignatureDef of a regression.

    Args:
      examples: a string Tensor, the inputs.
      predictions: a float32 Tensor.

    Raises: ValueError if one is None or of another dtype.
    """
    if examples is None:
        raise ValueError('Regression examples cannot be None.')
    if predictions is None:
        raise ValueError('Regression predictions cannot be None.')
    return build_signature_def(
        {'inputs': _checked(examples, dtypes.string, 'Regression examples must be a string Tensor.')},
        {'outputs': _checked(predictions, dtypes.float32, 'Regression output must be a float Tensor.')},
        signature_constants.REGRESS_METHOD_NAME)


@_export
def classification_signature_def(examples, classes, scores):
    """The SignatureDef of a classification.

    Args:
      examples: a string Tensor, the inputs.
      classes: a string Tensor, or None.
      scores: a float32 Tensor, or None.

    Raises: ValueError if both are None or one is of another dtype.
    """
    if examples is None:
        raise ValueError('Classification examples cannot be None.')
    if classes is None and scores is None:
        raise ValueError('Classification classes and scores cannot both be None.')
    inputs = {'inputs': _checked(examples, dtypes.string, 'Classification examples must be a string Tensor.')}
    outputs = {}
    if classes is not None:
        outputs['classes'] = _checked(classes, dtypes.string, 'Classification classes must be a string Tensor.')
    if scores is not None:
        outputs['scores'] = _checked(scores, dtypes.float32, 'Classification scores must be a float Tensor.')
    return build_signature_def(inputs, outputs, signature_constants.CLASSIFY_METHOD_NAME)


@_export
def predict_signature_def(inputs, outputs):
    """The SignatureDef of anything else.

    Args:
      inputs, outputs: dicts of names to Tensors.

    Raises: ValueError if one is None or empty.
    """
    if not inputs:
        raise ValueError('Prediction inputs cannot be None or empty.')
    if not outputs:
        raise ValueError('Prediction outputs cannot be None or empty.')
    return build_signature_def({name: utils.build_tensor_info(t) for name, t in inputs.items()},
                               {name: utils.build_tensor_info(t) for name, t in outputs.items()},
                               signature_constants.PREDICT_METHOD_NAME)


@_export
def is_valid_signature(signature_def):
    """Whether a SignatureDef has the inputs and outputs, of the dtypes, that its method name asks for."""
    def has(infos, **wanted):
        return set(infos) <= set(wanted) and all(infos[name].dtype == wanted[name] for name in infos)
    text, number = dtypes.string.as_datatype_enum, dtypes.float32.as_datatype_enum
    inputs, outputs = signature_def.inputs, signature_def.outputs
    if not inputs or not outputs:
        return False
    if signature_def.method_name == signature_constants.PREDICT_METHOD_NAME:
        return True
    if signature_def.method_name == signature_constants.REGRESS_METHOD_NAME:
        return has(inputs, inputs=text) and has(outputs, outputs=number)
    if signature_def.method_name == signature_constants.CLASSIFY_METHOD_NAME:
        return has(inputs, inputs=text) and has(outputs, classes=text, scores=number)
    return False
