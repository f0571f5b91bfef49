"""Records the timelines that TensorFlow 1.15.5 draws of some StepStats: run with its python, from any folder."""
import base64
import json
import os
import random

import tensorflow as tf
from tensorflow.python.client import timeline

OPTIONS = ({}, {'show_dataflow': False}, {'show_memory': True})


def step_stats(seed):
    """Ops of random lengths on two devices, at times side by side, each reading some of those before it."""
    rng = random.Random(seed)
    stats = tf.RunMetadata().step_stats
    names = []
    for number in range(2):
        device = stats.dev_stats.add(device='/job:localhost/replica:0/task:0/device:CPU:%d' % number)
        start = 1000
        for i in range(9):
            start += rng.randint(0, 15)
            inputs = rng.sample(names, min(len(names), rng.randint(0, 3)))
            name = 'scope/op%d_%d' % (number, i)
            node = device.node_stats.add(
                node_name=name, all_start_micros=start, op_start_rel_micros=1, op_end_rel_micros=rng.randint(2, 9),
                all_end_rel_micros=rng.randint(9, 30), timeline_label='%s = Op%d(%s)' % (name, i % 3, ', '.join(inputs)))
            for slot in range(rng.randint(0, 2)):
                output = node.output.add(slot=slot).tensor_description
                output.dtype = tf.float32.as_datatype_enum
                output.shape.dim.add(size=rng.randint(1, 9))
                output.allocation_description.requested_bytes = rng.randint(0, 99)
                output.allocation_description.allocator_name = 'cpu'
                names.append(name + (':%d' % slot if slot else ''))
    stats.dev_stats[0].node_stats[3].timeline_label = 'no label of the usual form'
    return stats


def main():
    records = []
    for seed in range(2):
        stats = step_stats(seed)
        maximums = timeline.Timeline(stats).analyze_step_stats().allocator_maximums
        records.append({
            'stats': base64.b64encode(stats.SerializeToString()).decode(),
            'timelines': [[options, json.loads(timeline.Timeline(stats).generate_chrome_trace_format(**options))]
                          for options in OPTIONS],
            'maximums': {name: [m.timestamp, m.num_bytes, sorted(m.tensors)] for name, m in maximums.items()}})
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with open(os.path.join(folder, 'golden', 'timeline.json'), 'w') as file:
        json.dump(records, file, sort_keys=True, separators=(',', ':'))


main()
