"""The pooling ops that few public functions add, through tf.raw_ops; the older random ops."""
import numpy as np


def build(tf):
    raw = tf.raw_ops
    image = tf.constant(np.random.RandomState(0).permutation(24).reshape(1, 4, 3, 2).astype(np.float32))
    window = dict(ksize=[1, 2, 2, 1], strides=[1, 2, 1, 1], padding='SAME')
    found = [raw.MaxPoolV2(input=image, **window)]
    grad = tf.sin(found[0])
    found += [raw.MaxPoolGradV2(orig_input=image, orig_output=found[0], grad=grad, **window)]
    found += [raw.MaxPoolGradGradV2(orig_input=image, orig_output=found[0], grad=tf.cos(image), **window)]
    with_places = raw.MaxPoolWithArgmax(input=image, **window)
    found += list(with_places)
    found += [raw.MaxPoolGradWithArgmax(input=image, grad=grad, argmax=with_places[1], **window)]
    found += tf.gradients(raw.MaxPoolV2(input=image, **window), image)
    random = [raw.ParameterizedTruncatedNormal(shape=[6], means=[0.], stdevs=[1.], minvals=[-1.], maxvals=[2.],
                                               seed=5, seed2=6)]
    random += raw.ThreadUnsafeUnigramCandidateSampler(true_classes=[[1], [2]], num_true=1, num_sampled=3,
                                                      unique=True, range_max=6, seed=7, seed2=8)
    return found, random


def run(tf, built):
    found, random = built
    with tf.Session() as session:
        values = {'%d %s %s' % (i, t.op.type, t.shape): session.run(t) for i, t in enumerate(found)}
        for i, value in enumerate(session.run(random)):
            values['random %d %s' % (i, random[i].shape)] = value
    return values
