// What the module exports; it works in memory that its caller lays out.

export { renderCppn } from './cppn';
export { renderDirectColour, renderDirectGrey } from './direct';
