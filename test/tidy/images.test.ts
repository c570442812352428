import { IMAGES } from '../docker/images';
import { readText, trackedPaths } from './tracked-files';

const dockerfiles = trackedPaths().filter((file) => /(^|\/)Dockerfile$/.test(file));

function matches(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, found]) => found ?? ''))].sort();
}

describe('the images', () => {
  const nodes = matches(readText('docker-compose.yaml'), /^ *image: *(hyperledger\/\S+)$/gm);
  const bases = dockerfiles.flatMap((file) => matches(readText(file), /^ARG NODE_IMAGE=(\S+)$/gm));

  it('are built on one version of Node', () => {
    expect(dockerfiles.length).toBeGreaterThan(0);
    expect(bases).toHaveLength(dockerfiles.length);
    expect(new Set(bases).size).toBe(1);
  });

  it('that come from elsewhere are the ones that the tests look for and the workflow pulls', () => {
    const used = [...nodes, ...new Set(bases)].sort();
    expect([...IMAGES].sort()).toEqual(used);
    expect(matches(readText('.github/workflows/docker.yml'), /^ *docker pull (\S+)$/gm)).toEqual(used);
  });

  it.each(dockerfiles)('of %s are built from the manifests of all workspaces, as the lock file wants', (file) => {
    const { workspaces } = JSON.parse(readText('package.json')) as { readonly workspaces: readonly string[] };
    const copied = matches(readText(file), /^COPY (\S+)\/package\.json \1\/$/gm);
    expect(copied).toEqual([...workspaces].sort());
  });
});
