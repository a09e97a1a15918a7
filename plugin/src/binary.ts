/** Finds the binary that does the work. */
import {accessSync, chmodSync, constants, existsSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** Names a binary to use in place of any other: for development, tests and distributions. */
export const OVERRIDE = 'HEROKU_CONNECT_SWAP_BINARY'

/** What the search depends on. */
export interface Surroundings {
  readonly arch: string
  readonly env: NodeJS.ProcessEnv
  readonly platform: string
  /** Resolves a module's file, or throws. */
  readonly resolve: (id: string) => string
  /** The plugin's own directory. */
  readonly root: string
}

/** A binary that was found. */
export interface Found {
  /** Whether somebody named it, or built it beside the plugin: then its version is their affair. */
  readonly isOwn: boolean
  readonly path: string
}

/** There is no binary; the message says what to do. */
export class NoBinary extends Error {}

/** This process's surroundings. */
export function surroundings(): Surroundings {
  return {
    arch: process.arch,
    env: process.env,
    platform: process.platform,
    resolve: createRequire(import.meta.url).resolve,
    root: fileURLToPath(new URL('../..', import.meta.url)),
  }
}

/** The override, else the platform's package, else what a linked checkout has built. */
export function findBinary(around: Surroundings): Found {
  const override = around.env[OVERRIDE]
  if (override !== undefined && override !== '') {
    if (existsSync(override)) return {isOwn: true, path: override}
    throw new NoBinary(`${OVERRIDE} names ${override}, which is not there`)
  }

  const file = around.platform === 'win32' ? 'connect-swap.exe' : 'connect-swap'
  const packaged = fromPackage(around, file)
  if (packaged !== undefined) return {isOwn: false, path: executable(packaged)}
  for (const profile of ['release', 'debug']) {
    const built = join(around.root, 'target', profile, file)
    if (existsSync(built)) return {isOwn: true, path: built}
  }

  throw new NoBinary(explanation(around))
}

function packageName(around: Surroundings): string {
  return `heroku-connect-swap-${around.platform}-${around.arch}`
}

function fromPackage(around: Surroundings, file: string): string | undefined {
  try {
    // The manifest and not the binary: resolving knows nothing of files without an extension.
    const path = join(dirname(around.resolve(`${packageName(around)}/package.json`)), file)
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}

/** Some installers lose the permission to execute. */
function executable(path: string): string {
  try {
    accessSync(path, constants.X_OK)
  } catch {
    chmodSync(path, 0o755)
  }

  return path
}

function explanation(around: Surroundings): string {
  return [
    `the program of this plugin is not installed for ${around.platform} ${around.arch}`,
    `The package ${packageName(around)} should have brought it. It is missing when the plugin`,
    'was installed without optional dependencies, was copied from another machine, or when there',
    'is no package for this platform.',
    'Install the plugin again: heroku plugins:install heroku-connect-swap',
    `Or build it (cargo build --release) and name it in ${OVERRIDE}`,
  ].join('\n')
}
