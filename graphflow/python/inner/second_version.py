"""The functions X_v2 of TensorFlow's inner modules: X with TensorFlow 2's names and order of arguments."""
import functools
import importlib

# module: X: the arguments of X_v2; 'a>b' where X calls argument a b, 'a=value' for a default that X does not have,
# '+a=value' for an argument of X that is always so.
_TABLE = '''
ops.array_ops: boolean_mask: tensor mask axis name
ops.array_ops: depth_to_space: input block_size data_format name
ops.array_ops: expand_dims: input axis name
ops.array_ops: extract_image_patches: images sizes strides rates padding name
ops.array_ops: gather_nd: params indices batch_dims name
ops.array_ops: gather: params indices validate_indices axis batch_dims name
ops.array_ops: ones_like: input>tensor dtype name
ops.array_ops: pad: tensor paddings mode constant_values name
ops.array_ops: reverse_sequence: input seq_lengths seq_axis batch_axis name
ops.array_ops: shape: input out_type name
ops.array_ops: size: input out_type name
ops.array_ops: space_to_depth: input block_size data_format name
ops.array_ops: squeeze: input axis name
ops.array_ops: transpose: a perm conjugate name
ops.array_ops: zeros_like: input>tensor dtype name
ops.math_ops: argmax: input axis=0 output_type name
ops.math_ops: argmin: input axis=0 output_type name
ops.math_ops: count_nonzero: input>input_tensor axis keepdims dtype name
ops.math_ops: scalar_mul: scalar x name
ops.math_ops: sparse_segment_mean: data indices segment_ids num_segments name
ops.math_ops: sparse_segment_sqrt_n: data indices segment_ids num_segments name
ops.math_ops: sparse_segment_sum: data indices segment_ids num_segments name
ops.nn_ops: avg_pool2d: input ksize strides padding data_format name
ops.nn_ops: conv1d: input>value filters stride padding data_format dilations name
ops.nn_ops: conv2d_transpose: input>value filters>filter output_shape strides padding data_format dilations name
ops.nn_ops: conv2d: input filters>filter strides padding data_format dilations name
ops.nn_ops: conv3d: input filters>filter strides padding data_format dilations name
ops.nn_ops: convolution: input filters>filter strides padding='VALID' data_format dilations>dilation_rate name
ops.nn_ops: crelu: features axis name
ops.nn_ops: dropout: x rate noise_shape seed name
ops.nn_ops: in_top_k: targets predictions k name
ops.nn_ops: log_softmax: logits axis name
ops.nn_ops: max_pool_with_argmax: input ksize strides padding data_format output_dtype>Targmax include_batch_in_index name
ops.nn_ops: pool: input window_shape pooling_type strides padding='VALID' data_format dilations>dilation_rate name
ops.nn_ops: softmax: logits axis name
ops.nn_ops: sparse_softmax_cross_entropy_with_logits: labels logits name
ops.nn_impl: depthwise_conv2d: input filter strides padding data_format dilations>rate name
ops.nn_impl: l2_normalize: x axis epsilon name
ops.nn_impl: moments: x axes shift keepdims name
ops.nn_impl: nce_loss: weights biases labels inputs num_sampled num_classes num_true sampled_values remove_accidental_hits name +partition_strategy='div'
ops.nn_impl: separable_conv2d: input depthwise_filter pointwise_filter strides padding data_format dilations>rate name
ops.nn_impl: sampled_softmax_loss: weights biases labels inputs num_sampled num_classes num_true sampled_values remove_accidental_hits seed name +partition_strategy='div'
ops.nn_impl: sigmoid_cross_entropy_with_logits: labels logits name
ops.nn_impl: sufficient_statistics: x axes shift keepdims>keep_dims name
ops.nn_impl: weighted_cross_entropy_with_logits: labels logits pos_weight name
ops.nn_impl: weighted_moments: x axes frequency_weights keepdims>keep_dims name
ops.linalg_ops: norm: tensor ord axis keepdims name
ops.embedding_ops: embedding_lookup: params ids max_norm name +partition_strategy='div'
ops.check_ops: assert_equal: x y message summarize name
ops.check_ops: assert_greater_equal: x y message summarize name
ops.check_ops: assert_greater: x y message summarize name
ops.check_ops: assert_integer: x message name
ops.check_ops: assert_less_equal: x y message summarize name
ops.check_ops: assert_less: x y message summarize name
ops.check_ops: assert_near: x y rtol atol message summarize name
ops.check_ops: assert_negative: x message summarize name
ops.check_ops: assert_non_negative: x message summarize name
ops.check_ops: assert_non_positive: x message summarize name
ops.check_ops: assert_none_equal: x y summarize message name
ops.check_ops: assert_positive: x message summarize name
ops.check_ops: assert_rank_at_least: x rank message name
ops.check_ops: assert_rank_in: x ranks message name
ops.check_ops: assert_rank: x rank message name
ops.check_ops: assert_scalar: tensor message name
ops.check_ops: assert_type: tensor tf_type message name
'''     # noqa: E501


@functools.lru_cache(None)
def _table():
    """{(module, X): the arguments of X_v2}."""
    lines = (line.split(': ') for line in _TABLE.strip().splitlines())
    return {(module, name): arguments.split() for module, name, arguments in lines}


@functools.lru_cache(None)
def named(module, name):
    """The function `name`, X_v2, of a module of tensorflow.python; None if there is none."""
    if not name.endswith('_v2') or (module, name[:-3]) not in _table():
        return None
    parameters, first, fixed = {}, {}, {}
    for argument in _table()[module, name[:-3]]:
        argument, _, value = argument.partition('=')
        ours, _, theirs = argument.partition('>')
        if ours.startswith('+'):
            fixed[ours[1:]] = value.strip("'")
            continue
        parameters[ours] = theirs or ours
        if value:
            first[theirs or ours] = value.strip("'") if value[0] == "'" else int(value)
    function = getattr(importlib.import_module('graphflow.python.' + module), name[:-3])

    def second(*args, **kwargs):
        given = dict(zip(parameters, args), **kwargs)
        return function(**{**first, **fixed, **{parameters[key]: value for key, value in given.items()}})
    second.__name__ = second.__qualname__ = name
    second.__doc__ = f'{name[:-3]} with the arguments {", ".join(parameters)}.'
    return second
