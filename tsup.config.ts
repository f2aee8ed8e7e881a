import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'
import { keepConstants } from './scripts/keep-constants.ts'
import { plainBuiltins } from './scripts/plain-builtins.ts'

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

/**
 * Packages that are bundled into a command, whose own dependencies the command has to name too. Not the pool, whose threads
 * are programs of their own, and not TLS, which few ask for.
 */
const BUNDLED = [/^@tsws\/(?!pool$|tls)/]

export default defineConfig({
  entry: [...exported, ...commands],
  // What a command loads at its start lies in a few files: to find and read each takes as long as to run it.
  ...(commands.length > 0 && { noExternal: BUNDLED }),
  format: 'esm',
  target: 'es2023',
  platform: manifest.engines?.node ? 'node' : 'neutral',
  splitting: true,
  plugins: [plainBuiltins, keepConstants],
  sourcemap: false, // the output is not minified, and maps would double what people install
  clean: true,
  removeNodeProtocol: false,
  dts: false, // tsc emits the declarations: tsup's own step does not run on TypeScript 7
})
