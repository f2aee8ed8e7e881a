import { pathToFileURL } from 'node:url'

/** A module as threads import it: its URL, of a URL or an absolute path. */
export function moduleUrl(module: URL | string): string {
  if (module instanceof URL) return module.href
  return /^(file|data|node):/.test(module) ? module : pathToFileURL(module).href
}
