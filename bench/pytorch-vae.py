"""The training step of a variational autoencoder in PyTorch: what ours is held against.

Reads lines of JSON from standard input and answers each with a line. {"open": {"constants", "learningRate"}} makes the networks, with
constants by name as {"dims", "data"}, the data in base64, and answers null; {"step": {"images", "noise"}} makes a step and answers
with loss, cross-entropy and divergence; {"constants": true} with the constants.
"""

import json
import sys

import torch
import torch.nn.functional as F
from pytorch_networks import Discriminator, Generator, read, written
from torch.distributions import Normal, kl_divergence

torch.set_num_threads(2)


class Autoencoder:
    def __init__(self, request):
        constants = {name: read(value) for name, value in request["constants"].items()}
        self.encoder = Discriminator(constants, "encoder.")
        self.decoder = Generator(constants, "decoder.")
        weights = [*self.encoder.weights.values(), *self.decoder.weights.values()]
        self.adam = torch.optim.Adam(weights, lr=request["learningRate"], betas=(0.9, 0.999), eps=1e-8)

    def step(self, images, noise):
        features = self.encoder.features(images)
        mean, log_variance = self.encoder.dense("mean", features), self.encoder.dense("log_variance", features)
        deviation = torch.exp(log_variance / 2)
        logits = self.decoder.pixels(mean + deviation * noise, images.shape[1:])
        cross_entropy = F.binary_cross_entropy_with_logits(logits, images, reduction="sum") / len(images)
        # Not by the formula that ours has, but by what PyTorch knows of two normal laws.
        standard = Normal(torch.zeros_like(mean), torch.ones_like(mean))
        divergence = kl_divergence(Normal(mean, deviation), standard).sum() / len(images)
        loss = cross_entropy + divergence
        self.adam.zero_grad()
        loss.backward()
        self.adam.step()
        return loss.item(), cross_entropy.item(), divergence.item()


def main():
    autoencoder = None
    for line in sys.stdin:
        request = json.loads(line)
        if "open" in request:
            autoencoder, answer = Autoencoder(request["open"]), None
        elif "constants" in request:
            answer = {**autoencoder.encoder.constants(), **autoencoder.decoder.constants()}
        else:
            answer = autoencoder.step(read(request["step"]["images"]), read(request["step"]["noise"]))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
