"""Precision, recall, F1, AUC by thresholds, top-k and intersection over union by plain ops; logs at temperatures."""
import numpy as np

labels = np.random.RandomState(28).randint(0, 2, 20)
scores = np.clip(labels * .3 + np.random.RandomState(29).rand(20) * .7, 0, 1)


def build(tf):
    y = tf.placeholder(tf.int64, [None])
    p = tf.placeholder(tf.float32, [None])
    predicted = tf.cast(p > 0.5, tf.int64)
    tp = tf.count_nonzero(predicted * y)
    tn = tf.count_nonzero((predicted - 1) * (y - 1))
    fp = tf.count_nonzero(predicted * (y - 1))
    fn = tf.count_nonzero((predicted - 1) * y, dtype=tf.int32)
    precision = tp / (tp + fp)
    recall = tf.divide(tp, tp + tf.cast(fn, tf.int64))
    f1 = 2 * precision * recall / (precision + recall)
    thresholds = tf.linspace(0., 1., 5)
    hits = tf.to_float(tf.expand_dims(p, 0) >= tf.expand_dims(thresholds, 1))
    truth = tf.cast(y, tf.float32)
    tpr = tf.reduce_sum(hits * truth, 1) / tf.reduce_sum(truth)
    fpr = tf.reduce_sum(hits * (1 - truth), 1) / tf.reduce_sum(1 - truth)
    auc = tf.reduce_sum((fpr[:-1] - fpr[1:]) * (tpr[:-1] + tpr[1:]) / 2.)
    order = tf.nn.top_k(p, k=tf.shape(p)[0]).indices
    boxes = tf.constant([[0., 0, 2, 2], [1, 1, 3, 3]])
    corner = tf.maximum(boxes[0, :2], boxes[1, :2]), tf.minimum(boxes[0, 2:], boxes[1, 2:])
    inter = tf.reduce_prod(tf.maximum(corner[1] - corner[0], 0))
    areas = tf.reduce_prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    hot = tf.one_hot(y, 2)
    logits = tf.stack([1 - p, p], axis=1) * 3
    return y, p, dict(
        tp=tp, tn=tn, fp=fp, fn=fn, precision=precision, recall=recall, f1=f1, tpr=tpr, auc=auc, order=order,
        iou=inter / (tf.reduce_sum(areas) - inter), matrix=tf.confusion_matrix(y, predicted, 2), mean=tf.reduce_mean(hot, 0),
        warm=[tf.nn.softmax(logits[:2] / t) for t in (0.5, 1., 5.)], log=tf.nn.log_softmax(logits)[:2],
        right=tf.reduce_mean(tf.cast(tf.nn.in_top_k(logits, y, 1), tf.float32)), sorted=tf.gather(y, order),
        dice=2 * tf.reduce_sum(p * truth) / (tf.reduce_sum(p) + tf.reduce_sum(truth)), weighted=tf.reduce_mean(
            tf.nn.weighted_cross_entropy_with_logits(targets=truth, logits=p, pos_weight=2.)), segments=tf.segment_max(p, tf.range(20) // 5),
        focal=tf.reduce_mean(-truth * (1 - p) ** 2 * tf.log(p + 1e-8)), bins=tf.histogram_fixed_width(p, [0., 1.], 4))


def run(tf, built):
    y, p, nodes = built
    with tf.Session() as sess:
        values = sess.run(nodes, {y: labels, p: scores})
    warm = values.pop('warm')
    return dict(values, **{'warm%d' % i: w for i, w in enumerate(warm)})
