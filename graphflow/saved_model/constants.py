"""Names of the files of a SavedModel and of the collections of its graphs."""
from graphflow.framework.export import export_constant

_CONSTANTS = {
    'ASSETS_DIRECTORY': 'assets',
    'ASSETS_KEY': 'saved_model_assets',
    'DEBUG_DIRECTORY': 'debug',
    'LEGACY_INIT_OP_KEY': 'legacy_init_op',
    'MAIN_OP_KEY': 'saved_model_main_op',
    'SAVED_MODEL_FILENAME_PB': 'saved_model.pb',
    'SAVED_MODEL_FILENAME_PBTXT': 'saved_model.pbtxt',
    'SAVED_MODEL_SCHEMA_VERSION': 1,
    'VARIABLES_DIRECTORY': 'variables',
    'VARIABLES_FILENAME': 'variables',
}
TRAIN_OP_KEY = 'saved_model_train_op'
INIT_OP_SIGNATURE_KEY = '__saved_model_init_op'
TRAIN_OP_SIGNATURE_KEY = '__saved_model_train_op'
for _name, _value in _CONSTANTS.items():
    globals()[_name] = export_constant('saved_model.' + _name, export_constant('saved_model.constants.' + _name, _value))
