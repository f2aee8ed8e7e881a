import { readFileSync } from 'node:fs'

/** The version in this package's own package.json, one folder above the code, built or not. */
export function readVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return manifest.version
}
