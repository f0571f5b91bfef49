"""Threads that do a kernel's range together without the interpreter: what their leader and its helpers run.

A job lies in a slot, a few words of memory that is never freed. The leader, the thread that called the kernel, fills
one in, opens it, takes parts of the range like everybody else, closes it, and waits for those who are still inside.
Helpers look at all slots in turn for a while, and then sleep on a lock each until a leader wakes them.

A helper first counts itself in, then looks whether the slot is open. So when the leader has closed it and sees as many
left as have entered, nobody is inside and nobody will be; whoever counts himself in later finds it closed, or open for the
next job, which is as good. In the same way a helper first says that it sleeps, then looks for open slots once more; and
a leader first opens, then looks for sleepers. All words are read and written atomically, in one order for all threads.
"""
import sys

from llvmlite import ir

from graphflow.kernels import subnormals

LINE = 16               # words that lie together so that nothing else shares their cache line
# The table: a line of its own words, a line for each helper, two for each slot.
CALLS, HELPERS = range(2)                   # how often helpers were called away; how many there are
ASLEEP, LOCK = range(2)                     # of a helper; the lock is one of Python's C API
SLOTS, SLOT_WORDS = 8, 2 * LINE
OPEN, FUNCTION, CONTEXT, COUNT, PARTS, WANTED, MODE, LEAD, TABLE = range(9)     # of a slot, and in its second line:
NEXT, ENTERED, LEFT, FAILED = range(LINE, LINE + 4)

PATIENCE = 1000         # pauses before the leader lets other threads have its processor

_WORD, _BYTE = ir.IntType(64), ir.IntType(8)
_POINTER = _BYTE.as_pointer()
PART_TYPE = ir.FunctionType(_WORD, [_POINTER, _WORD, _WORD])       # (context, lo, hi) -> not 0 on failure
LEAD_TYPE = ir.FunctionType(_WORD, [_WORD, PART_TYPE.as_pointer(), _POINTER, _WORD, _WORD])
_YIELD = 'SwitchToThread' if sys.platform == 'win32' else 'sched_yield'


def lead(context, library, name):
    """Adds `name`(slot, function, context, how, n) -> not 0 on failure: does the range 0..n with what help comes.

    `how` is the number of parts plus 2^32 times the greatest number of helpers.
    """
    code = _Code(library, name, LEAD_TYPE)
    builder = code.builder
    slot, function, data, how, n = code.function.args
    wanted = builder.lshr(how, _number(32))
    for word, value in ((FUNCTION, builder.ptrtoint(function, _WORD)), (CONTEXT, builder.ptrtoint(data, _WORD)),
                        (COUNT, n), (PARTS, builder.and_(how, _number(0xffffffff))), (WANTED, wanted),
                        (MODE, subnormals.emit_mode(builder)), (NEXT, _number(0)), (FAILED, _number(0)),
                        (OPEN, _number(1))):
        code.store(slot, word, value)
    code.wake(code.load(slot, TABLE), wanted)
    code.take_parts(slot)
    code.store(slot, OPEN, _number(0))
    with code.loop() as (tries, end):
        left = code.load(slot, LEFT)        # first: see above
        with builder.if_then(builder.icmp_signed('==', left, code.load(slot, ENTERED))):
            end()
        with builder.if_else(builder.icmp_signed('<', tries, _number(PATIENCE))) as (soon, late):
            with soon:
                code.pause()
            with late:
                builder.call(code.external(_YIELD, ir.IntType(32)), [])
    builder.ret(code.load(slot, FAILED))
    return code.finish()


def wake(context, library, name):
    """Adds `name`(table, helpers) -> 0: wakes up to so many helpers."""
    code = _Code(library, name, ir.FunctionType(_WORD, [_WORD] * 2))
    code.wake(*code.function.args)
    code.builder.ret(_number(0))
    return code.finish()


def serve(context, library, name):
    """Adds `name`(table, helper, calls, pauses, may_sleep) -> 0: helps with the jobs in the table's slots, as the helper
    with that number, until the table's word CALLS is no longer `calls`.

    Where there has been no job for so many pauses it sleeps; or returns, if it may not.
    """
    code = _Code(library, name, ir.FunctionType(_WORD, [_WORD] * 5))
    builder = code.builder
    table, helper, calls, pauses, may_sleep = code.function.args
    own = code.helper(table, helper)
    slots = code.helper(table, code.load(table, HELPERS))
    idle = code.variable(_number(0))
    with code.loop() as (_, end):
        called = builder.icmp_signed('!=', code.load(table, CALLS), calls)
        with builder.if_then(called):
            end()
        builder.store(builder.add(builder.load(idle), _number(1)), idle)
        for k in range(SLOTS):
            slot = builder.add(slots, _number(8 * k * SLOT_WORDS))
            with builder.if_then(code.is_set(slot, OPEN), likely=False):
                with builder.if_then(code.has_work(slot)):
                    code.add(slot, ENTERED, 1)
                    with builder.if_then(code.is_set(slot, OPEN)):
                        with builder.if_then(builder.icmp_signed('>', code.add(slot, WANTED, -1), _number(0))):
                            subnormals.emit_exchange(builder, code.load(slot, MODE))
                            code.take_parts(slot)
                    code.add(slot, LEFT, 1)
                    builder.store(_number(0), idle)
        code.pause()
        with builder.if_then(builder.icmp_signed('>', builder.load(idle), pauses), likely=False):
            with builder.if_then(builder.icmp_signed('==', may_sleep, _number(0))):
                end()
            builder.store(_number(0), idle)
            code.sleep(own, table, slots, calls)
    builder.ret(_number(0))
    return code.finish()


def _number(value):
    return ir.Constant(_WORD, value)


class _Code:
    """Writes a function of words in LLVM's terms."""

    def __init__(self, library, name, function_type):
        self.library, self.module = library, library.create_ir_module(name)
        self.function = ir.Function(self.module, function_type, name)
        self.builder = ir.IRBuilder(self.function.append_basic_block('entry'))

    def finish(self):
        self.library.add_ir_module(self.module)
        return str(self.module)

    def variable(self, value):
        with self.builder.goto_entry_block():
            memory = self.builder.alloca(value.type)
        self.builder.store(value, memory)
        return memory

    def _word(self, base, index):
        return self.builder.inttoptr(self.builder.add(base, _number(8 * index)), _WORD.as_pointer())

    def load(self, base, index):
        return self.builder.load_atomic(self._word(base, index), 'seq_cst', 8)

    def store(self, base, index, value):
        self.builder.store_atomic(value, self._word(base, index), 'seq_cst', 8)

    def add(self, base, index, value):
        """Adds to a word; returns what it was."""
        return self.builder.atomic_rmw('add', self._word(base, index), _number(value), 'seq_cst')

    def is_set(self, base, index):
        return self.builder.icmp_signed('!=', self.load(base, index), _number(0))

    def has_work(self, slot):
        """Whether a slot, if it is open, has parts and places left; only a guess, for it may be of two jobs at once."""
        return self.builder.and_(
            self.builder.icmp_signed('<', self.load(slot, NEXT), self.load(slot, PARTS)),
            self.builder.icmp_signed('>', self.load(slot, WANTED), _number(0)))

    def helper(self, table, number):
        """The address of a helper's line; for the number of helpers, that of the slots."""
        lines = self.builder.add(number, _number(1))
        return self.builder.add(table, self.builder.mul(lines, _number(8 * LINE)))

    def loop(self):
        return _Loop(self)

    def external(self, name, result, *arguments):
        known = self.module.globals.get(name)
        return known or ir.Function(self.module, ir.FunctionType(result, arguments), name)

    def pause(self):
        """Tells the processor that this thread only waits."""
        if subnormals.MACHINE == 'x86_64':
            self.builder.call(self.external('llvm.x86.sse2.pause', ir.VoidType()), [])
        elif subnormals.MACHINE == 'aarch64':
            self.builder.call(self.external('llvm.aarch64.hint', ir.VoidType(), ir.IntType(32)),
                              [ir.Constant(ir.IntType(32), 1)])

    def _take_wake(self, own):
        """Whether the helper was asleep, who is no longer said to be: who takes that must release its lock."""
        was = self.builder.atomic_rmw('xchg', self._word(own, ASLEEP), _number(0), 'seq_cst')
        return self.builder.icmp_signed('!=', was, _number(0))

    def _lock_of(self, own):
        return self.builder.inttoptr(self.load(own, LOCK), _POINTER)

    def wake(self, table, most):
        """Wakes up to `most` helpers."""
        builder = self.builder
        count = self.load(table, HELPERS)
        woken = self.variable(_number(0))
        with self.loop() as (number, end):
            done = builder.or_(builder.icmp_signed('>=', number, count),
                               builder.icmp_signed('>=', builder.load(woken), most))
            with builder.if_then(done):
                end()
            own = self.helper(table, number)
            with builder.if_then(self.is_set(own, ASLEEP)):
                with builder.if_then(self._take_wake(own)):
                    builder.call(self.external('PyThread_release_lock', ir.VoidType(), _POINTER), [self._lock_of(own)])
                    builder.store(builder.add(builder.load(woken), _number(1)), woken)

    def sleep(self, own, table, slots, calls):
        """Waits on the helper's lock until somebody wakes it, unless there is something to do by now."""
        builder = self.builder
        self.store(own, ASLEEP, _number(1))
        reason = builder.icmp_signed('!=', self.load(table, CALLS), calls)
        for k in range(SLOTS):
            slot = builder.add(slots, _number(8 * k * SLOT_WORDS))
            reason = builder.or_(reason, builder.and_(self.is_set(slot, OPEN), self.has_work(slot)))
        waits = self.variable(ir.Constant(ir.IntType(1), 1))
        with builder.if_then(reason):       # unless somebody is already waking it
            builder.store(builder.not_(self._take_wake(own)), waits)
        with builder.if_then(builder.load(waits)):
            acquire = self.external('PyThread_acquire_lock', ir.IntType(32), _POINTER, ir.IntType(32))
            builder.call(acquire, [self._lock_of(own), ir.Constant(ir.IntType(32), 1)])

    def take_parts(self, slot):
        """Does parts of a job until all are taken."""
        builder = self.builder
        parts, n = self.load(slot, PARTS), self.load(slot, COUNT)
        function = builder.inttoptr(self.load(slot, FUNCTION), PART_TYPE.as_pointer())
        data = builder.inttoptr(self.load(slot, CONTEXT), _POINTER)
        with self.loop() as (_, end):
            part = self.add(slot, NEXT, 1)
            with builder.if_then(builder.icmp_signed('>=', part, parts)):
                end()
            lo, hi = (builder.sdiv(builder.mul(n, p), parts) for p in (part, builder.add(part, _number(1))))
            failed = builder.call(function, [data, lo, hi])
            with builder.if_then(builder.icmp_signed('!=', failed, _number(0)), likely=False):
                self.store(slot, FAILED, failed)


class _Loop:
    """with loop as (number of the round, end): what is written within is repeated until `end()`."""

    def __init__(self, code):
        self.code = code

    def __enter__(self):
        builder = self.code.builder
        before = builder.block
        self.body = builder.append_basic_block('loop')
        self.after = builder.append_basic_block('after')
        builder.branch(self.body)
        builder.position_at_end(self.body)
        self.round = builder.phi(_WORD)
        self.round.add_incoming(_number(0), before)
        return self.round, lambda: builder.branch(self.after)

    def __exit__(self, *error):
        builder = self.code.builder
        self.round.add_incoming(builder.add(self.round, _number(1)), builder.block)
        builder.branch(self.body)
        builder.position_at_end(self.after)
