import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defaultClientConditions, defineConfig } from 'vite';
import { offline } from './scripts/offline.ts';

// The packages meet as sources, and ONNX Runtime's WebAssembly stays a file of its own.
const conditions = ['@pareidolia/source', 'onnxruntime-web-use-extern-wasm', ...defaultClientConditions];

export default defineConfig({
  base: './',
  plugins: [svelte(), offline()],
  resolve: { conditions },
  build: {
    // Beside the engine, which `tsc` builds into dist/engine.
    outDir: 'dist/pages',
    target: 'es2022',
    chunkSizeWarningLimit: 1000,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Says how long the build took, on a slow machine.
    rolldownOptions: {
      // The studio, and the page of pupils who take the quiz of a class.
      input: ['index.html', 'quiz.html'],
      checks: { pluginTimings: false },
    },
  },
  worker: { format: 'es' },
});
