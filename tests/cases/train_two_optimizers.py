"""Two optimizers over one graph, with a shared variable and a sparse gradient."""


def build(tf):
    x=tf.placeholder(tf.float32,[None,3],name='x')
    w=tf.get_variable('w',[3,2])
    b=tf.Variable(tf.zeros([2]),name='b')
    loss=tf.reduce_mean(tf.square(tf.matmul(x,w)+b-1.))
    gs=tf.Variable(0,trainable=False,name='gs')
    t=[tf.train.GradientDescentOptimizer(.1).minimize(loss,global_step=gs), tf.train.AdamOptimizer(.01).minimize(loss)]
    e=tf.get_variable('emb',[5,2])
    l2=tf.reduce_sum(tf.nn.embedding_lookup(e,[1,1,3])**2)
    t+=[tf.train.GradientDescentOptimizer(.1).minimize(l2), tf.train.AdamOptimizer(.01).minimize(l2,name='foo')]
    return x,loss,t,w,b,e
def run(tf,bb):
    import numpy as np
    x,loss,t,w,b,e=bb
    out={}
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        f={x:np.arange(6).reshape(2,3)*.1}
        for i in range(5):
            for k,o in enumerate(t): s.run(o,f)
            r=s.run([loss,w,b,e],f)
            for j,q in enumerate(r): out['%d_%d'%(i,j)]=q
    return out
