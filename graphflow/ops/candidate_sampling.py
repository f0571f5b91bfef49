"""Candidate samplers: a few classes drawn to stand for all of them in `tf.nn.sampled_softmax_loss` or `nce_loss`."""
from graphflow.framework import tensor_shape
from graphflow.framework.apply import apply
from graphflow.framework.export import export
from graphflow.framework.random_seed import get_seed
from graphflow.framework.registry import op

TensorShape = tensor_shape.TensorShape

_OUTPUTS = 'true_classes:int64 -> sampled_candidates:int64, true_expected_count:float, sampled_expected_count:float'
_COMMON = 'num_true:int>=1; num_sampled:int>=1; unique:bool'
_RANGE = 'range_max:int>=1'
_SEEDS = 'seed:int=0; seed2:int=0'


def _sampled(c):
    rows, sampled = c.rank(0, 2).as_list()[0], TensorShape([c.attr('num_sampled')])
    return [sampled, TensorShape([rows, c.attr('num_true')]), sampled]


def _hits(c):
    columns = c.rank(0, 2).as_list()[1]
    if columns not in (None, c.attr('num_true')):
        raise ValueError(f"Dimension must be {c.attr('num_true')} but is {columns}")
    c.rank(1, 1)
    return [TensorShape([None])] * 3


for _name in ('UniformCandidateSampler', 'LogUniformCandidateSampler', 'LearnedUnigramCandidateSampler',
              'ThreadUnsafeUnigramCandidateSampler'):
    op(_name, _OUTPUTS, f'{_COMMON}; {_RANGE}; {_SEEDS}', shape=_sampled, stateful=True)
op('FixedUnigramCandidateSampler', _OUTPUTS,
   f"{_COMMON}; {_RANGE}; vocab_file:string=''; distortion:float=1.0; num_reserved_ids:int=0; num_shards:int>=1=1; "
   f'shard:int>=0=0; unigrams:list(float)=[]; {_SEEDS}', shape=_sampled, stateful=True)
op('AllCandidateSampler', _OUTPUTS, f'{_COMMON}; {_SEEDS}', shape=_sampled, stateful=True)
op('ComputeAccidentalHits',
   'true_classes:int64, sampled_candidates:int64 -> indices:int32, ids:int64, weights:float',
   f'num_true:int; {_SEEDS}', shape=_hits)


def _sample(op_type, true_classes, num_true, num_sampled, unique, seed, name, **attrs):
    first, second = get_seed(seed)
    return apply(op_type, true_classes, num_true=num_true, num_sampled=num_sampled, unique=unique, seed=first,
                 seed2=second, name=name, **attrs)


@export('random.uniform_candidate_sampler', 'nn.uniform_candidate_sampler')
def uniform_candidate_sampler(true_classes, num_true, num_sampled, unique, range_max, seed=None, name=None):
    """Draws classes, each as likely as another.

    Args:
      true_classes: int64 [batch, num_true], the classes of each example.
      num_true: an int, the number of classes an example has.
      num_sampled: an int, the number of classes to draw for the batch.
      unique: whether all classes drawn must differ.
      range_max: an int; classes are 0 to range_max - 1.
      seed: an int for the op, see `tf.set_random_seed`.

    Returns: (sampled_candidates, int64 [num_sampled]; true_expected_count, float [batch, num_true]: how often each true
      class is expected among the draws; sampled_expected_count, float [num_sampled]: the same for the classes drawn).

    Raises: InvalidArgumentError when run, if `unique` and there are fewer classes than `num_sampled`.
    """
    return _sample('UniformCandidateSampler', true_classes, num_true, num_sampled, unique, seed, name,
                   range_max=range_max)


@export('random.log_uniform_candidate_sampler', 'nn.log_uniform_candidate_sampler')
def log_uniform_candidate_sampler(true_classes, num_true, num_sampled, unique, range_max, seed=None, name=None):
    """Draws class c with probability log((c + 2) / (c + 1)) / log(range_max + 1): for classes by falling frequency.

    Arguments and result as for `uniform_candidate_sampler`.
    """
    return _sample('LogUniformCandidateSampler', true_classes, num_true, num_sampled, unique, seed, name,
                   range_max=range_max)


@export('random.learned_unigram_candidate_sampler', 'nn.learned_unigram_candidate_sampler')
def learned_unigram_candidate_sampler(true_classes, num_true, num_sampled, unique, range_max, seed=None, name=None):
    """Draws classes by how often they were among `true_classes` so far in the session.

    Arguments and result as for `uniform_candidate_sampler`.
    """
    return _sample('LearnedUnigramCandidateSampler', true_classes, num_true, num_sampled, unique, seed, name,
                   range_max=range_max)


@export('random.fixed_unigram_candidate_sampler', 'nn.fixed_unigram_candidate_sampler')
def fixed_unigram_candidate_sampler(true_classes, num_true, num_sampled, unique, range_max, vocab_file='',
                                    distortion=1.0, num_reserved_ids=0, num_shards=1, shard=0, unigrams=(),
                                    seed=None, name=None):
    """Draws classes by given weights.

    Args (others, and the result, as for `uniform_candidate_sampler`):
      vocab_file: a file with a line for each class, which ends in a comma and the class's weight; or
      unigrams: the weights.
      distortion: the weights' exponent; 0 makes all alike.
      num_reserved_ids: classes 0 to num_reserved_ids - 1 come before those with weights, and are never drawn.
      num_shards, shard: draw from the classes c with c % num_shards == shard alone.
    """
    return _sample('FixedUnigramCandidateSampler', true_classes, num_true, num_sampled, unique, seed, name,
                   range_max=range_max, vocab_file=vocab_file, distortion=distortion,
                   num_reserved_ids=num_reserved_ids, num_shards=num_shards, shard=shard, unigrams=list(unigrams))


@export('random.all_candidate_sampler', 'nn.all_candidate_sampler')
def all_candidate_sampler(true_classes, num_true, num_sampled, unique, seed=None, name=None):
    """All `num_sampled` classes, which makes a sampled loss the full one. Result as for `uniform_candidate_sampler`."""
    return _sample('AllCandidateSampler', true_classes, num_true, num_sampled, unique, seed, name)


@export('nn.compute_accidental_hits')
def compute_accidental_hits(true_classes, sampled_candidates, num_true, seed=None, name=None):
    """Where classes drawn are true ones of an example, which a loss should not count against it.

    Args:
      true_classes: int64 [batch, num_true].
      sampled_candidates: int64 [num_sampled], as a sampler returns them.
      num_true: an int.

    Returns: (indices, int32 [hits]: the examples; ids, int64 [hits]: the places in `sampled_candidates`; weights, float
      [hits]: the lowest float, to add to a logit).
    """
    first, second = get_seed(seed)
    return apply('ComputeAccidentalHits', true_classes, sampled_candidates, num_true=num_true, seed=first,
                 seed2=second, name=name)
