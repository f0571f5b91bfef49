"""Keys of signatures, of their inputs and outputs, and names of what they compute."""
from graphflow.framework.export import export_constant

_CONSTANTS = {
    'DEFAULT_SERVING_SIGNATURE_DEF_KEY': 'serving_default',
    'CLASSIFY_INPUTS': 'inputs',
    'CLASSIFY_METHOD_NAME': 'tensorflow/serving/classify',
    'CLASSIFY_OUTPUT_CLASSES': 'classes',
    'CLASSIFY_OUTPUT_SCORES': 'scores',
    'PREDICT_INPUTS': 'inputs',
    'PREDICT_METHOD_NAME': 'tensorflow/serving/predict',
    'PREDICT_OUTPUTS': 'outputs',
    'REGRESS_INPUTS': 'inputs',
    'REGRESS_METHOD_NAME': 'tensorflow/serving/regress',
    'REGRESS_OUTPUTS': 'outputs',
}
for _name, _value in _CONSTANTS.items():
    globals()[_name] = export_constant('saved_model.' + _name,
                                       export_constant('saved_model.signature_constants.' + _name, _value))
