import type { ListingFormat } from './listing.ts'

/** `{"path":"/a/","entries":[{"name","type","size","modified"}],"complete":true}`, an entry a line. */
export function listingJson(): ListingFormat {
  return {
    head: (path) => `{"path":${JSON.stringify(path === '/' ? '/' : `${path}/`)},"entries":[`,
    row({ name, type, size, modified, path }, isFirst) {
      const time = modified === null ? null : new Date(modified).toISOString()
      const entry = { name, type, size, modified: time, ...(path === null ? { reachable: false } : {}) }
      return `${isFirst ? '\n' : ',\n'}${JSON.stringify(entry)}`
    },
    foot: (_shown, complete) => `\n],"complete":${complete}}\n`,
  }
}
