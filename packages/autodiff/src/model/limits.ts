/** @file How large a graph may be. */

/**
 * Nodes of a graph, also of what loops, branches and functions become: classifiers have hundreds, and ONNX Runtime opens no
 * graph of as many in a minute.
 */
export const MOST_NODES = 10_000;
