// What the module exports; it works in memory that its caller lays out.

export { renderCppn } from './cppn';
export { cppnGradient } from './cppn-gradient';
export { renderDirectColor, renderDirectGrey } from './direct';
export { normals } from './normals';
export { symmetricProducts, symmetricRoots, symmetricUpdate } from './symmetric';
