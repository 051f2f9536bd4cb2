/**
 * @file Runs graphs on WebGPU for tests, in a process of its own: the graphics driver is chosen by the environment
 * that a process begins with, and a driver that crashes must not take the tests along.
 */

process.env.ORT_DISABLE_TELEMETRY ??= '1';
const { InferenceSession, Tensor } = await import('onnxruntime-node');

process.on('message', async ({ bytes, feeds }) => {
  try {
    const session = await InferenceSession.create(bytes, { executionProviders: ['webgpu'], logSeverityLevel: 3 });
    const inputs = Object.entries(feeds).map(([name, { type, data, dims }]) => [name, new Tensor(type, data, dims)]);
    const results = await session.run(Object.fromEntries(inputs));
    await session.release();
    const outputs = Object.entries(results).map(([name, { data, dims }]) => [name, { data, dims }]);
    process.send({ results: Object.fromEntries(outputs) });
  } catch (error) {
    process.send({ error: String(error) });
  }
});
