/** @file Files that are dropped on the page. */

/** Whether a network is among them: it belongs to the page as a whole, not to the room that it was dropped on. */
export function bringsNetwork({ dataTransfer }: DragEvent): boolean {
  return [...(dataTransfer?.files ?? [])].some(({ name }) => /\.onnx$/i.test(name));
}
