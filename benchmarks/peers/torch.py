"""PyTorch, eager, with its own modules and optimizers."""
import torch
from torch import nn
from torch.nn import functional as F

import data

VERSION = torch.__version__


def scalar_add():
    return lambda: (torch.tensor(2.0) + 1.0).item()


def linear_regression():
    model = nn.Linear(1, 1)
    optimizer = torch.optim.Adam(model.parameters())
    return _training(model, optimizer, F.mse_loss, data.line())


def softmax_regression():
    model = nn.Sequential(nn.Linear(784, 10), nn.Softmax(1))
    optimizer = torch.optim.SGD(model.parameters(), 0.5)
    return _training(model, optimizer, lambda y, y_: -(y_ * torch.log(y)).sum(1).mean(),
                     data.images('softmax_regression'))


def softmax_accuracy():
    return _accuracy(nn.Sequential(nn.Linear(784, 10), nn.Softmax(1)), data.images('softmax_accuracy'))


def mlp():
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))
    return _training(model, torch.optim.Adam(model.parameters()), F.cross_entropy, data.images('mlp'))


def transcendentals():
    x = torch.from_numpy(data.floats())
    return lambda: (torch.exp(-x) + torch.log(x) + torch.tanh(x) + torch.sin(x) + torch.cos(x)
                    + torch.sigmoid(x)).sum().item()


def conv_step():
    model = _conv()
    optimizer = torch.optim.Adam(model.parameters(), 1e-4)
    return _training(model, optimizer, F.cross_entropy, data.images('conv_step'))


def conv_accuracy():
    return _accuracy(_conv().eval(), data.images('conv_accuracy'))


WORKLOADS = {f.__name__: f for f in (scalar_add, linear_regression, softmax_regression, softmax_accuracy, mlp,
                                     transcendentals, conv_step, conv_accuracy)}


def _conv():
    return nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(7 * 7 * 64, 1024), nn.ReLU(), nn.Dropout(0.5), nn.Linear(1024, 10))


def _training(model, optimizer, loss_function, batch):
    def step():
        x, y = map(torch.from_numpy, batch)
        optimizer.zero_grad()
        loss = loss_function(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()
    return step


def _accuracy(model, batch):
    @torch.no_grad()
    def step():
        x, y = map(torch.from_numpy, batch)
        return (model(x).argmax(1) == y.argmax(1)).float().mean().item()
    return step
