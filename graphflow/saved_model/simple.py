"""tf.saved_model.simple_save: a SavedModel in one call."""
from graphflow.framework.export import export
from graphflow.framework.scopes import GraphKeys, get_collection
from graphflow.saved_model import builder, signature_constants, signature_def_utils, tag_constants


@export('saved_model.simple_save')
def simple_save(session, export_dir, inputs, outputs, legacy_init_op=None):
    """Writes the default graph as a SavedModel for serving.

    Args:
      session: a Session, for the values of the variables.
      export_dir: the directory to write; it must not exist, or be empty.
      inputs, outputs: dicts of names to Tensors.
      legacy_init_op: an Operation to run when the model is loaded.
    """
    signature = signature_def_utils.predict_signature_def(inputs, outputs)
    writer = builder.SavedModelBuilder(export_dir)
    writer.add_meta_graph_and_variables(
        session, [tag_constants.SERVING], {signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY: signature},
        assets_collection=get_collection(GraphKeys.ASSET_FILEPATHS), main_op=legacy_init_op, clear_devices=True)
    writer.save()
