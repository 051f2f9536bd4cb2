/** @file Variational autoencoders, and their training. */

export { VAE_NAMES, type VaeNetworks, type VaeWanted, vaeNetworks, withImages } from './networks.ts';
export { trainVae, type VaeEpoch, type VaeLosses, type VaeOptions, type VaeProgress } from './trainer.ts';
