"""Nodes of tf.summary: names, scopes, tags, collections."""


def build(tf):
    summary, c = tf.summary, tf.constant
    summary.scalar('a b/c', 1.0)
    summary.scalar('loss', c(1.0))
    summary.scalar('loss', c(2), collections=['mine', 'yours'])
    summary.scalar('/loss', c(2.0, tf.float64), family='a family')
    summary.histogram('weights', [1.0, 2.0], family='f')
    summary.histogram(None, c([1, 2]))
    summary.image('pixels', tf.zeros([2, 3, 3, 1]))
    summary.image('pixels', tf.zeros([2, 3, 3, 1], tf.uint8), max_outputs=2, family='f')
    summary.audio('sound', tf.zeros([2, 30]), 8000)
    summary.audio('sound', tf.zeros([2, 30, 2]), c(8000.), max_outputs=1, family='f')
    summary.text('words', c(['hello', 'x']))
    summary.tensor_summary('numbers', c([1, 2]))
    summary.tensor_summary('numbers', c([1, 2]), summary_description='what', display_name='shown', family='f',
                           summary_metadata=tf.SummaryMetadata(display_name='not shown'))
    with tf.name_scope('outer'), tf.name_scope('inner'):
        first, second = summary.scalar('x', 1.), summary.histogram('x', [1.], family='f')
        summary.scalar('x', 3., family='f')
        summary.text('t', c('a'))
        summary.merge([first, second])
        summary.merge([first], collections=['merged'], name='name')
    old = tf.contrib.deprecated
    old.scalar_summary(['a', 'b'], [1., 2.], name='named')
    old.merge_summary([old.histogram_summary('tag', [1.]), old.image_summary('tag', tf.zeros([1, 1, 1, 1])),
                       old.audio_summary('tag', tf.zeros([1, 4]), 8.)])
    tf.raw_ops.TensorSummary(tensor=c(1), description='words', labels=['a', 'b'], display_name='shown')
    old.merge_all_summaries()
    merged = summary.merge_all()
    assert summary.merge_all('no such key') is None
    summary.merge_all(scope='outer')
    return merged


def run(tf, merged):
    graph = tf.get_default_graph()
    values = {key: [t.name for t in graph.get_collection(key)] for key in sorted(graph.get_all_collection_keys())}
    values['all'] = [t.op.type for t in merged.op.inputs]
    for i, call in enumerate((lambda s: s.scalar('x', 'text'), lambda s: s.scalar('x', True), lambda s: s.text('x', tf.constant(1)),
                              lambda s: s.image('x', tf.zeros([1, 1, 1, 1], tf.int32)), lambda s: s.merge([]),
                              lambda s: s.image('x', tf.zeros([1, 1, 1, 1]), max_outputs=0), lambda s: s.scalar('%!', 1.))):
        try:
            call(tf.summary)
        except (TypeError, ValueError) as error:
            values[f'error_{i}'] = f'{type(error).__name__}: {error}'
    return values
