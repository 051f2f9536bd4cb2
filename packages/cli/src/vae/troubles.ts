/** @file What goes wrong in the training of a variational autoencoder, in words. */

/** What it means that the images are all but the same, and what helps. */
export const VAE_COLLAPSED =
  'The images are all but the same, whatever the latent vectors are. More --epochs, a lower --learning-rate or another --seed may help.';
