def build(tf):
    x=tf.placeholder(tf.float32,[None,3],name='x')
    w=tf.Variable([[1.,2.],[3.,4.],[5.,6.]],name='w')
    b=tf.Variable([1.,2.],name='b')
    y=tf.exp(x*2.+1.)
    z=y*y+tf.square(x)/3.
    g=tf.gradients(z,[x,y])
    h=tf.gradients(g[0],x, gate_gradients=True)
    return x,z,g,h
def run(tf,b):
    import numpy as np
    x,z,g,h=b
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        f={x:np.arange(6).reshape(2,3)*.1}
        r=s.run([z]+g+h,f)
    return {str(i):v for i,v in enumerate(r)}
