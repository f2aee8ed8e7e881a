import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'
import { keepConstants } from './scripts/keep-constants.ts'

interface Manifest {
  exports: Record<string, { '@tsws/source'?: string }>
  bin?: Record<string, string>
  engines?: { node?: string }
}

// One config for every package: what is built is what its package.json says it exports.
// tsup runs with the package as its folder.
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const exported = Object.values(manifest.exports).flatMap((entry) => entry['@tsws/source'] ?? [])
const commands = Object.values(manifest.bin ?? {}).map((path) =>
  path.replace('./dist/', './src/').replace(/\.js$/, '.ts'),
)

export default defineConfig({
  entry: [...exported, ...commands],
  format: 'esm',
  target: 'es2023',
  platform: manifest.engines?.node ? 'node' : 'neutral',
  splitting: true,
  plugins: [keepConstants],
  sourcemap: false, // the output is not minified, and maps would double what people install
  clean: true,
  dts: false, // tsc emits the declarations: tsup's own step does not run on TypeScript 7
})
