"""python.framework.test_ops: ops without a meaning, with which the building of graphs is tested.

They are declared when this module is imported; none of them can be run.
"""
from graphflow.framework import raw_ops, registry, shape_rules
from graphflow.python.inner.framework_op_def_library import OpDefLibrary

_op_def_lib = OpDefLibrary()

_TEXT_OR_BOOL = 'type{string,bool}'
_DECLARATIONS = f'''
Attr | -> | a:int
AttrBool | -> | a:bool
AttrBoolList | -> | a:list(bool)
AttrDefault | -> | a:string='banana'
AttrEmptyListDefault | -> | a:list(float)=[]
AttrEnum | -> | a:string{{'apples','oranges'}}
AttrEnumList | -> | a:list(string){{'apples','oranges'}}
AttrFloat | -> | a:float
AttrListDefault | -> | a:list(int)=[5,15]
AttrListMin | -> | a:list(int)>=2
AttrListTypeDefault | a:N*T, b:N*T -> | T:type=int32; N:int>=1
AttrMin | -> | a:int>=5
AttrPartialShape | -> | a:shape
AttrPartialShapeList | -> | a:list(shape)
AttrShape | -> | a:shape
AttrShapeList | -> | a:list(shape)
AttrTypeDefault | a:T -> | T:type=int32
B | -> out:float |
Binary | a:T, b:T -> out:T | T:type
ComplexStruct | -> a:n_a*int32, b:n_b*int64, c:list t_c | n_a:int>=0; n_b:int>=0; t_c:list(type)>=0
CopyOp | a:T -> b:T | T:type
FiveFloatOutputs | -> a:float, b:float, c:float, d:float, e:float |
FloatInput | a:float -> |
FloatOutput | -> a:float |
FloatOutputStringOutput | -> a:float, b:string |
Foo1 | a:float, b:int32, c:int32 -> d:float, e:int32 |
Foo2 | a:float, b:string, c:string -> d:float, e:int32 |
Foo3 | a:float, b:string, c:float -> d:float, e:int32 |
FuncAttr | -> | f:func
FuncListAttr | -> | f:list(func)
InPolymorphicTwice | a:N*T, b:M*T -> | T:type; N:int>=0; M:int>=0
Int64Output | -> out:int64 |
IntAttr | -> out:int64 | foo:int=1
IntInput | a:int32 -> |
IntInputFloatInput | a:int32, b:float -> |
IntInputIntOutput | a:int32 -> b:int32 |
IntOutput | -> a:int32 |
IntOutputFloatOutput | -> a:int32, b:float |
KernelLabel | -> result:string |
KernelLabelRequired | input:int32 -> result:string |
ListInput | a:N*T -> | N:int>=1; T:type
ListOutput | -> a:list T | T:list(type)>=1
MixedStruct | -> a:n_a*int32, b:float | n_a:int>=0
NInPolymorphicTwice | a:N*T, b:N*T -> | T:type; N:int>=0
NInTwice | a:N*int32, b:N*string -> | N:int>=0
NInTwoTypeVariables | a:N*S, b:N*T -> | S:type; T:type; N:int>=0
NIntsIn | a:N*int32 -> | N:int>=2
NIntsOut | -> a:N*int32 | N:int>=2
NIntsOutDefault | -> a:N*int32 | N:int>=2=3
NPolymorphicIn | a:N*T -> | T:type; N:int>=2
NPolymorphicOut | -> a:N*T | T:type; N:int>=2
NPolymorphicOutDefault | -> a:N*T | T:type=bool; N:int>=2=2
NPolymorphicRestrictIn | a:N*T -> | T:{_TEXT_OR_BOOL}; N:int>=2
NPolymorphicRestrictOut | -> a:N*T | T:{_TEXT_OR_BOOL}; N:int>=2
None | -> |
Old | -> |
OpWithDefaultAttr | -> a:int32 | default_float:float=123.0
OpWithFutureDefaultAttr | -> |
OutT | -> a:T | T:type
OutTypeList | -> out:list T | T:list(type)>=0
OutTypeListRestrict | -> out:list t | t:list(type)>=1{{string,bool}}
Polymorphic | a:T -> out:T | T:type
PolymorphicDefaultOut | -> out:T | T:type=string
PolymorphicOut | -> out:T | T:type
RefIn | a:ref(T) -> | T:type
RefInputFloatInput | a:ref(float), b:float -> |
RefInputFloatInputIntOutput | a:ref(float), b:float -> c:int32 |
RefInputIntInput | a:ref(int32), b:int32 -> |
RefOut | -> a:ref(T) | T:type
RefOutput | -> a:ref(int32) |
RefOutputFloatOutput | -> a:ref(float), b:float |
ReservedAttr | -> | range:int
ReservedInput | input:int32 -> |
Restrict | a:T -> out:T | T:{_TEXT_OR_BOOL}
Simple | a:int32 -> out:float |
SimpleStruct | -> a:n_a*int32 | n_a:int>=0
StringListAttr | -> | a:list(string); b:string
TestAttr | -> out:T | T:type{{float,double}}
TestStringOutput | input:float -> output1:float, output2:string |
TwoFloatInputs | a:float, b:float -> |
TwoFloatInputsFloatOutput | a:float, b:float -> c:float |
TwoFloatInputsIntOutput | a:float, b:float -> c:int32 |
TwoFloatOutputs | -> a:float, b:float |
TwoIntInputs | a:int32, b:int32 -> |
TwoIntOutputs | -> a:int32, b:int32 |
TwoRefsIn | a:ref(T), b:ref(T) -> | T:type
TypeList | a:list T -> | T:list(type)>=0
TypeListRestrict | a:list T -> | T:list(type)>=1{{string,bool}}
TypeListTwice | a:list T, b:list T -> | T:list(type)>=0
Unary | a:T -> b:T | T:type
'''

for _line in _DECLARATIONS.strip().splitlines():
    _name, _signature, _attrs = (part.strip() for part in _line.split('|'))
    registry.op(_name, _signature, _attrs, shape=shape_rules.unknown)
    _function = raw_ops.function(_name)
    globals()[_function.__name__] = _function
