"""Hooks that stop, log, count, check, feed and write summaries."""
import os
import time

import numpy as np

from graphflow.framework.export import export
from graphflow.framework.graph import get_default_graph
from graphflow.platform import gfile, tf_logging
from graphflow.summary.writer.writer_cache import FileWriterCache
from graphflow.train import training_util
from graphflow.train.session_run_hook import SessionRunArgs, SessionRunHook


def _global_step(hook):
    step = training_util._get_or_create_global_step_read()
    if step is None:
        raise RuntimeError(f'Global step should be created to use {hook}.')
    return step


@export('train.SecondOrStepTimer', 'estimator.SecondOrStepTimer')
class SecondOrStepTimer:
    """Says when to do something: every so many seconds or every so many steps, and at the first step.

    Args:
      every_secs, every_steps: exactly one of them.

    Raises: ValueError unless exactly one is given.
    """

    def __init__(self, every_secs=None, every_steps=None):
        if every_secs is None and every_steps is None:
            raise ValueError('Either every_secs or every_steps should be provided.')
        if every_secs is not None and every_steps is not None:
            raise ValueError('Can not provide both every_secs and every_steps.')
        self._every_secs, self._every_steps = every_secs, every_steps
        self.reset()

    def reset(self):
        """Starts again."""
        self._last_triggered_step = self._last_triggered_time = None

    def should_trigger_for_step(self, step):
        """Whether it is time at `step`, which must not be the step it was last time."""
        if self._last_triggered_step is None:
            return True
        if self._last_triggered_step == step:
            return False
        if self._every_secs is not None:
            return time.time() >= self._last_triggered_time + self._every_secs
        return step >= self._last_triggered_step + self._every_steps

    def update_last_triggered_step(self, step):
        """Notes that it was done at `step`. Returns: (seconds, steps) since the last time, or (None, None)."""
        now = time.time()
        elapsed = None, None
        if self._last_triggered_time is not None:
            elapsed = now - self._last_triggered_time, step - self._last_triggered_step
        self._last_triggered_time, self._last_triggered_step = now, step
        return elapsed

    def last_triggered_step(self):
        """The step it was last time, or None."""
        return self._last_triggered_step


class _Never:
    """A timer that is never due."""

    def reset(self):
        pass

    def should_trigger_for_step(self, step):
        return False

    def update_last_triggered_step(self, step):
        return None, None

    def last_triggered_step(self):
        return None


@export('train.LoggingTensorHook', 'estimator.LoggingTensorHook')
class LoggingTensorHook(SessionRunHook):
    """Logs the values of tensors now and then.

    Args:
      tensors: a dict {label: tensor or its name}, or a list of tensors or names, which are labels too.
      every_n_iter: after every so many runs.
      every_n_secs: or every so many seconds.
      at_end: also, or only, at the end.
      formatter: a function from a dict {label: value} to the text to log.

    Raises: ValueError if it is not clear when to log.
    """

    def __init__(self, tensors, every_n_iter=None, every_n_secs=None, at_end=False, formatter=None):
        only_at_end = at_end and every_n_iter is None and every_n_secs is None
        if not only_at_end and (every_n_iter is None) == (every_n_secs is None):
            raise ValueError(
                'either at_end and/or exactly one of every_n_iter and every_n_secs must be provided.')
        if every_n_iter is not None and every_n_iter <= 0:
            raise ValueError('invalid every_n_iter=%s.' % every_n_iter)
        if not isinstance(tensors, dict):
            self._tag_order = list(tensors)
            tensors = {item: item for item in tensors}
        else:
            self._tag_order = sorted(tensors)
        self._tensors, self._formatter, self._log_at_end = tensors, formatter, at_end
        self._timer = _Never() if only_at_end else SecondOrStepTimer(every_n_secs, every_n_iter)

    def begin(self):
        self._timer.reset()
        self._iter_count = 0
        self._current_tensors = {tag: _named(tensor) for tag, tensor in self._tensors.items()}

    def before_run(self, run_context):
        self._should_trigger = self._timer.should_trigger_for_step(self._iter_count)
        return SessionRunArgs(self._current_tensors) if self._should_trigger else None

    def after_run(self, run_context, run_values):
        if self._should_trigger:
            self._log_tensors(run_values.results)
        self._iter_count += 1

    def end(self, session):
        if self._log_at_end:
            self._log_tensors(session.run(self._current_tensors))

    def _log_tensors(self, values):
        with np.printoptions(suppress=True):
            seconds, _ = self._timer.update_last_triggered_step(self._iter_count)
            if self._formatter:
                tf_logging.info(self._formatter(values))
                return
            text = ', '.join('%s = %s' % (tag, values[tag]) for tag in self._tag_order)
            tf_logging.info('%s (%.3f sec)' % (text, seconds) if seconds is not None else text)


def _named(tensor):
    if hasattr(tensor, 'graph') or not isinstance(tensor, str):
        return get_default_graph().as_graph_element(tensor)
    return get_default_graph().as_graph_element(tensor if ':' in tensor else tensor + ':0')


@export('train.StopAtStepHook', 'estimator.StopAtStepHook')
class StopAtStepHook(SessionRunHook):
    """Asks for the end after a number of steps.

    Args:
      num_steps: so many steps after the session starts;
      last_step: or when the global step is this.

    Raises: ValueError unless exactly one is given.
    """

    def __init__(self, num_steps=None, last_step=None):
        if num_steps is None and last_step is None:
            raise ValueError('One of num_steps or last_step must be specified.')
        if num_steps is not None and last_step is not None:
            raise ValueError('Only one of num_steps or last_step can be specified.')
        self._num_steps, self._last_step = num_steps, last_step

    def begin(self):
        _global_step('StopAtStepHook')
        self._global_step_tensor = training_util.get_global_step()

    def after_create_session(self, session, coord):
        if self._last_step is None:
            self._last_step = session.run(self._global_step_tensor) + self._num_steps

    def before_run(self, run_context):
        return SessionRunArgs(training_util._get_global_step_read(run_context.session.graph))

    def after_run(self, run_context, run_values):
        # What was read is the step before this run; another session may have counted on since.
        if run_values.results + 1 >= self._last_step:
            if run_context.session.run(self._global_step_tensor) >= self._last_step:
                run_context.request_stop()


@export('train.NanLossDuringTrainingError', 'estimator.NanLossDuringTrainingError')
class NanLossDuringTrainingError(RuntimeError):
    """The loss is not a number."""

    def __str__(self):
        return 'NaN loss during training.'


@export('train.NanTensorHook', 'estimator.NanTensorHook')
class NanTensorHook(SessionRunHook):
    """Stops when the loss is NaN.

    Args:
      loss_tensor: the Tensor to look at.
      fail_on_nan_loss: whether to raise NanLossDuringTrainingError, rather than end.
    """

    def __init__(self, loss_tensor, fail_on_nan_loss=True):
        self._loss_tensor, self._fail_on_nan_loss = loss_tensor, fail_on_nan_loss

    def before_run(self, run_context):
        return SessionRunArgs(self._loss_tensor)

    def after_run(self, run_context, run_values):
        if np.isnan(run_values.results):
            if self._fail_on_nan_loss:
                tf_logging.error('Model diverged with loss = NaN.')
                raise NanLossDuringTrainingError
            tf_logging.warning('Model diverged with loss = NaN.')
            run_context.request_stop()


@export('train.StepCounterHook', 'estimator.StepCounterHook')
class StepCounterHook(SessionRunHook):
    """Logs steps per second, and writes them as a summary.

    Args:
      every_n_steps, every_n_secs: how often: exactly one.
      output_dir: where to write summaries, or
      summary_writer: what to write them with.
    """

    def __init__(self, every_n_steps=100, every_n_secs=None, output_dir=None, summary_writer=None):
        if (every_n_steps is None) == (every_n_secs is None):
            raise ValueError('exactly one of every_n_steps and every_n_secs should be provided.')
        self._timer = SecondOrStepTimer(every_steps=every_n_steps, every_secs=every_n_secs)
        self._output_dir, self._summary_writer = output_dir, summary_writer
        self._steps_per_run = 1
        self._last_global_step = None

    def begin(self):
        if self._summary_writer is None and self._output_dir:
            self._summary_writer = FileWriterCache.get(self._output_dir)
        _global_step('StepCounterHook')
        self._summary_tag = training_util.get_global_step().op.name + '/sec'

    def before_run(self, run_context):
        return SessionRunArgs(training_util._get_global_step_read(run_context.session.graph))

    def after_run(self, run_context, run_values):
        stale = run_values.results
        if self._timer.should_trigger_for_step(stale + self._steps_per_run):
            step = run_context.session.run(training_util.get_global_step(run_context.session.graph))
            if self._timer.should_trigger_for_step(step):
                seconds, steps = self._timer.update_last_triggered_step(step)
                if seconds is not None:
                    self._log_and_record(steps, seconds, step)
        if stale == self._last_global_step:
            tf_logging.log_first_n(
                tf_logging.WARN, 'It seems that global step (tf.train.get_global_step) has not been increased. Current '
                'value (could be stable): %s vs previous value: %s. You could increase the global step by passing '
                'tf.train.get_global_step() to Optimizer.apply_gradients or Optimizer.minimize.', 5, stale, stale)
        self._last_global_step = stale

    def _log_and_record(self, elapsed_steps, elapsed_time, global_step):
        rate = elapsed_steps / elapsed_time
        if self._summary_writer is not None:
            from tensorboard.compat.proto.summary_pb2 import Summary
            summary = Summary(value=[Summary.Value(tag=self._summary_tag, simple_value=rate)])
            self._summary_writer.add_summary(summary, global_step)
        tf_logging.info('%s: %g', self._summary_tag, rate)


class _StepFollower(SessionRunHook):
    """Knows the global step after each run from a value fetched in it, which may be that before or after the update."""
    _before = None      # the step when the session starts
    _ahead = None       # how many steps the run has come further than the value fetched

    def after_create_session(self, session, coord):
        self._before, self._ahead = session.run(training_util.get_global_step(session.graph)), None

    def _step(self, session, fetched, exactly):
        if not exactly and self._ahead is not None:
            return fetched + self._ahead
        step = session.run(training_util.get_global_step(session.graph))
        if self._ahead is None:
            self._ahead = 0 if fetched == step != self._before else 1
        return step


@export('train.SummarySaverHook', 'estimator.SummarySaverHook')
class SummarySaverHook(_StepFollower):
    """Writes summaries at the first run and now and then after it.

    Args:
      save_steps: after every so many steps, or
      save_secs: after every so many seconds.
      output_dir: the directory for the event file, or
      summary_writer: a FileWriter.
      scaffold: a Scaffold whose `summary_op` is written, or
      summary_op: a scalar string Tensor, a serialized Summary message, or a list of such.

    Raises: ValueError unless exactly one of `scaffold` and `summary_op` is given, and one of the times.
    """

    def __init__(self, save_steps=None, save_secs=None, output_dir=None, summary_writer=None, scaffold=None,
                 summary_op=None):
        if (scaffold is None) == (summary_op is None):
            raise ValueError('Exactly one of scaffold or summary_op must be provided.')
        self._summary_op, self._scaffold = summary_op, scaffold
        self._summary_writer, self._output_dir = summary_writer, output_dir
        self._timer = SecondOrStepTimer(every_secs=save_secs, every_steps=save_steps)

    def begin(self):
        if self._summary_writer is None and self._output_dir:
            self._summary_writer = FileWriterCache.get(self._output_dir)
        self._next_step = None
        _global_step('SummarySaverHook')

    def before_run(self, run_context):
        self._is_due = self._next_step is None or self._timer.should_trigger_for_step(self._next_step)
        requests = {'global_step': training_util._get_global_step_read(run_context.session.graph)}
        summaries = self._summaries()
        if self._is_due and summaries is not None:
            requests['summaries'] = summaries
        return SessionRunArgs(requests)

    def after_run(self, run_context, run_values):
        if self._summary_writer is None:
            return
        step = self._step(run_context.session, run_values.results['global_step'], exactly=self._is_due)
        if self._next_step is None:
            from tensorboard.compat.proto.event_pb2 import SessionLog
            self._summary_writer.add_session_log(SessionLog(status=SessionLog.START), step)
        if self._is_due:
            self._timer.update_last_triggered_step(step)
            for summary in run_values.results.get('summaries', ()):
                self._summary_writer.add_summary(summary, step)
        self._next_step = step + 1

    def end(self, session=None):
        if self._summary_writer is not None:
            self._summary_writer.flush()

    def _summaries(self):
        """The list of tensors to write; None if there are none."""
        summaries = self._scaffold.summary_op if self._summary_op is None else self._summary_op
        return summaries if summaries is None or isinstance(summaries, list) else [summaries]


@export('train.ProfilerHook', 'estimator.ProfilerHook')
class ProfilerHook(_StepFollower):
    """Writes what a run took, op by op, to timeline-<step>.json files for chrome://tracing.

    Args:
      save_steps: every so many steps, or
      save_secs: every so many seconds.
      output_dir: the directory for the files.
      show_dataflow: whether arrows show which op waits for which.
      show_memory: whether the memory in use is shown.

    Raises: ValueError unless exactly one of `save_steps` and `save_secs` is given.
    """

    def __init__(self, save_steps=None, save_secs=None, output_dir='', show_dataflow=True, show_memory=False):
        self._output_file = os.path.join(output_dir, 'timeline-{}.json')
        self._output_dir = output_dir
        self._show_dataflow, self._show_memory = show_dataflow, show_memory
        self._timer = SecondOrStepTimer(every_secs=save_secs, every_steps=save_steps)

    def begin(self):
        self._file_writer = FileWriterCache.get(self._output_dir)
        self._next_step = None
        _global_step('ProfilerHook')

    def before_run(self, run_context):
        self._is_due = self._next_step is not None and self._timer.should_trigger_for_step(self._next_step)
        options = None
        if self._is_due:
            from tensorboard.compat.proto.config_pb2 import RunOptions
            options = RunOptions(trace_level=RunOptions.FULL_TRACE)
        step = training_util._get_global_step_read(run_context.session.graph)
        return SessionRunArgs({'global_step': step}, options=options)

    def after_run(self, run_context, run_values):
        step = self._step(run_context.session, run_values.results['global_step'], exactly=self._is_due)
        if self._next_step is None:
            self._timer.update_last_triggered_step(step - 1)
        if self._is_due:
            self._timer.update_last_triggered_step(step)
            self._save(step, run_values.run_metadata)
            self._file_writer.add_run_metadata(run_values.run_metadata, 'step_%d' % step)
        self._next_step = step + 1

    def _save(self, step, run_metadata):
        from graphflow.runtime.timeline import Timeline
        path = self._output_file.format(step)
        tf_logging.info('Saving timeline for %d into \'%s\'.', step, path)
        with gfile.GFile(path, 'w') as file:
            timeline = Timeline(run_metadata.step_stats)
            file.write(timeline.generate_chrome_trace_format(self._show_dataflow, self._show_memory))


@export('train.GlobalStepWaiterHook', 'estimator.GlobalStepWaiterHook')
class GlobalStepWaiterHook(SessionRunHook):
    """Holds the first run back until the global step, which others count, has come to `wait_until_step`."""

    def __init__(self, wait_until_step):
        self._wait_until_step = wait_until_step

    def begin(self):
        self._worker_is_started = False
        self._global_step_tensor = training_util.get_global_step()
        if self._global_step_tensor is None:
            raise RuntimeError('Global step should be created to use _GlobalStepWaiterHook.')

    def before_run(self, run_context):
        if self._worker_is_started:
            return None
        while self._wait_until_step > 0:
            step = run_context.session.run(self._global_step_tensor)
            if step >= self._wait_until_step:
                break
            tf_logging.log_every_n(tf_logging.INFO, 'Waiting for global step %d before starting training. '
                                   'Current step is %d.', 600, self._wait_until_step, step)
            time.sleep(0.5)
        self._worker_is_started = True
        return None


@export('train.FinalOpsHook', 'estimator.FinalOpsHook')
class FinalOpsHook(SessionRunHook):
    """Runs `final_ops`, a fetch structure, at the end of the session; `final_ops_values` are the results."""

    def __init__(self, final_ops, final_ops_feed_dict=None):
        self._final_ops, self._final_ops_feed_dict, self._values = final_ops, final_ops_feed_dict, None

    @property
    def final_ops_values(self):
        """The results, or None before the end."""
        return self._values

    def end(self, session):
        if self._final_ops is not None:
            self._values = session.run(self._final_ops, feed_dict=self._final_ops_feed_dict)


@export('train.FeedFnHook', 'estimator.FeedFnHook')
class FeedFnHook(SessionRunHook):
    """Feeds what `feed_fn()` returns, a feed_dict, in every run."""

    def __init__(self, feed_fn):
        self.feed_fn = feed_fn

    def before_run(self, run_context):
        return SessionRunArgs(fetches=None, feed_dict=self.feed_fn())
