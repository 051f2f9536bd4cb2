/** @file Which device the engine in the page uses. It stands in the address, so that a link or bookmark keeps it. */

import type { Device } from './messages.ts';

/** A graphics card pays for large networks, not for the embedded one, so it is taken only where it was asked for. */
export function chosenDevice(): Device {
  return new URLSearchParams(location.search).get('device') === 'webgpu' ? 'webgpu' : 'cpu';
}

/** Whether the browser has WebGPU at all. */
export function knowsWebGpu(): boolean {
  return 'gpu' in navigator;
}

/** The address of this room with the engine on another device. */
export function addressWith(device: Device, hash: string): string {
  return `${location.pathname}${device === 'webgpu' ? '?device=webgpu' : ''}${hash}`;
}
