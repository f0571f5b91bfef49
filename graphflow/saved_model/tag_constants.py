"""Tags that tell the graphs of a SavedModel apart."""
from graphflow.framework.export import export_constant

_CONSTANTS = {'SERVING': 'serve', 'TRAINING': 'train', 'EVAL': 'eval', 'GPU': 'gpu', 'TPU': 'tpu'}
for _name, _value in _CONSTANTS.items():
    globals()[_name] = export_constant('saved_model.' + _name,
                                       export_constant('saved_model.tag_constants.' + _name, _value))
