"""Arithmetic, comparison and logic, elementwise."""
from graphflow.framework.registry import op
from graphflow.framework.shape_rules import broadcast

op('Add', 'x:T, y:T -> z:T', 'T:type{bfloat16,half,float,double,uint8,int8,int16,int32,int64,complex64,complex128,string}', shape=broadcast)
op('AddV2', 'x:T, y:T -> z:T', 'T:type{bfloat16,half,float,double,uint8,int8,int16,int32,int64,complex64,complex128}', shape=broadcast)
