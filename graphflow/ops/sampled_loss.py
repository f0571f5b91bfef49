"""Losses for very many classes, estimated from a sample of them."""
from graphflow.framework import dtypes
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.scopes import name_scope
from graphflow.ops import array, fill
from graphflow.ops.candidate_sampling import compute_accidental_hits, log_uniform_candidate_sampler
from graphflow.ops.cast import cast
from graphflow.ops.concat import concat, stack
from graphflow.ops.embedding import embedding_lookup
from graphflow.ops.softmax import sigmoid_cross_entropy_with_logits, softmax_cross_entropy_with_logits_v2


def _sum_rows(x):
    """The sum of each row, as a product with ones: faster than a reduction, forwards and backwards."""
    columns = array.shape(x)[1]
    ones = fill.ones(stack([columns, 1]), x.dtype)
    return array.reshape(apply('MatMul', x, ones), [-1])


def _sampled_logits(weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values,
                    remove_accidental_hits, partition_strategy, name, seed=None):
    """Logits of the true classes and of sampled ones, [batch, num_true + num_sampled], and their labels."""
    if not isinstance(weights, list):
        weights = list(weights._get_variable_list()) if hasattr(weights, '_get_variable_list') else [weights]
    with name_scope(name, 'compute_sampled_logits', weights + [biases, inputs, labels]):
        labels = cast(labels, dtypes.int64) if labels.dtype != dtypes.int64 else labels
        flat = array.reshape(labels, [-1])
        if sampled_values is None:
            sampled_values = log_uniform_candidate_sampler(labels, num_true, num_sampled, True, num_classes, seed=seed)
        sampled, true_count, sampled_count = (array.stop_gradient(s) for s in sampled_values)
        sampled = cast(sampled, dtypes.int64)
        every = concat([flat, sampled], 0)
        all_w = cast(embedding_lookup(weights, every, partition_strategy=partition_strategy), inputs.dtype)
        true_w = apply('Slice', all_w, [0, 0], stack([array.shape(flat)[0], -1]))
        sampled_w = apply('Slice', all_w, stack([array.shape(flat)[0], 0]), [-1, -1])
        sampled_logits = apply('MatMul', inputs, sampled_w, transpose_b=True)
        all_b = cast(embedding_lookup(biases, every, partition_strategy=partition_strategy), inputs.dtype)
        true_b = apply('Slice', all_b, [0], array.shape(flat))
        sampled_b = apply('Slice', all_b, array.shape(flat), [-1])
        width = array.shape(true_w)[1:2]
        by_example = concat([[-1, num_true], width], 0)
        products = apply('Mul', array.expand_dims(inputs, 1), array.reshape(true_w, by_example))
        products = array.reshape(products, concat([[-1], width], 0))
        true_logits = array.reshape(_sum_rows(products), [-1, num_true])
        true_b = array.reshape(true_b, [-1, num_true])
        true_logits += true_b
        sampled_logits += sampled_b
        if remove_accidental_hits:
            sampled_logits += _penalties(labels, sampled, num_true, num_sampled, sampled_logits.dtype)
        true_logits -= apply('Log', true_count)
        sampled_logits -= apply('Log', sampled_count)
        logits = concat([true_logits, sampled_logits], 1)
        return logits, concat([fill.ones_like(true_logits) / num_true, fill.zeros_like(sampled_logits)], 1)


def _penalties(labels, sampled, num_true, num_sampled, dtype):
    """A matrix that takes sampled classes which are true ones out of account."""
    rows, columns, weights = compute_accidental_hits(labels, sampled, num_true=num_true)
    rows = array.reshape(rows, [-1, 1])
    columns = array.reshape(cast(columns, dtypes.int32), [-1, 1])
    where = concat([rows, columns], 1, 'sparse_indices')
    shape = concat([array.shape(labels)[:1], array.expand_dims(num_sampled, 0)], 0)
    return apply('SparseToDense', where, shape, cast(weights, dtype), 0.0, validate_indices=False)


@export('nn.nce_loss')
def nce_loss(weights, biases, labels, inputs, num_sampled, num_classes, num_true=1, sampled_values=None,
             remove_accidental_hits=False, partition_strategy='mod', name='nce_loss'):
    """Noise-contrastive estimation: logistic losses of the true classes and of sampled ones.

    Args:
      weights: a Tensor [num_classes, dim], or a list of Tensors that it is spread over.
      biases: a Tensor [num_classes].
      labels: an int64 Tensor [batch, num_true] of true classes.
      inputs: a Tensor [batch, dim].
      num_sampled: how many classes to sample for the batch.
      num_classes: how many classes there are.
      num_true: how many true classes an example has.
      sampled_values: what a candidate sampler returned; by default a log-uniform one is used.
      remove_accidental_hits: whether sampled classes that are true ones are left out.
      partition_strategy: see `embedding_lookup`.
      name: name of the scope of the nodes.

    Returns: a Tensor [batch].

    M. Gutmann, A. Hyvarinen, "Noise-contrastive estimation", 2010.
    """
    logits, labels = _sampled_logits(weights, biases, labels, inputs, num_sampled, num_classes, num_true,
                                     sampled_values, remove_accidental_hits, partition_strategy, name)
    return _sum_rows(sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name='sampled_losses'))


@export('nn.sampled_softmax_loss')
def sampled_softmax_loss(weights, biases, labels, inputs, num_sampled, num_classes, num_true=1, sampled_values=None,
                         remove_accidental_hits=True, partition_strategy='mod', name='sampled_softmax_loss', seed=None):
    """Softmax cross entropy over the true classes and sampled ones, for training only; see `nce_loss`.

    S. Jean et al., "On Using Very Large Target Vocabulary for Neural Machine Translation", 2014.
    """
    logits, labels = _sampled_logits(weights, biases, labels, inputs, num_sampled, num_classes, num_true,
                                     sampled_values, remove_accidental_hits, partition_strategy, name, seed)
    labels = array.stop_gradient(labels, name='labels_stop_gradient')
    return softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits)
