/**
 * What help and completion show of each command: generated from the binary's own command line
 * model (`cargo xtask generate`), never written by hand.
 */
import {readFileSync} from 'node:fs'

/** One command, as oclif describes commands. */
export interface CommandMetadata {
  readonly description: string
  readonly examples: ReadonlyArray<{readonly command: string; readonly description: string}>
  readonly flags: Readonly<Record<string, unknown>>
  /** Whether it works on an app of the user's. */
  readonly needsApp: boolean
}

const file = new URL('../src/metadata.json', import.meta.url)
const all = JSON.parse(readFileSync(file, 'utf8')) as Record<string, CommandMetadata>

/** The metadata of a command; `index` is the command without a name. */
export function metadataOf(name: string): CommandMetadata {
  const metadata = all[name]
  if (metadata === undefined) throw new Error(`metadata.json describes no command ${name}`)
  return metadata
}
