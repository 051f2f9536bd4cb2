// What the module exports; it works in memory that its caller lays out.

export { renderCppn } from './cppn';
export { renderDirectColor, renderDirectGrey } from './direct';
