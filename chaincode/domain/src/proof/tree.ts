import type { ErrorCode } from '../errors';
import { demand } from '../errors';

/** The nodes of a tree that are leaves, and those that split. */
export type LeafOf<Node> = Extract<Node, { readonly kind: 'leaf' }>;
export type SplitOf<Node> = Exclude<Node, { readonly kind: 'leaf' }>;

/** What the leaves of a certificate are judged by. */
export interface TreeRules<Node extends { readonly kind: string }, Branch> {
  readonly root: Branch;
  /** The bound of a leaf; undefined where its branch allows no answer. */
  readonly bound: (leaf: LeafOf<Node>, branch: Branch, index: number) => bigint | undefined;
  /** The two halves of a branch, which together are all of it. */
  readonly halves: (node: SplitOf<Node>, branch: Branch, index: number) => readonly [Branch, Branch];
  /** The code of a list that is no tree. */
  readonly invalid: ErrorCode;
}

/**
 * The bounds of the leaves of a tree that is given in preorder, of those that allow an answer. They cover all answers because the nodes are read as a
 * tree: one that is missing or too many is refused.
 */
export function leafBounds<Node extends { readonly kind: string }, Branch>(
  nodes: readonly Node[],
  { bound, halves, invalid, root }: TreeRules<Node, Branch>,
): readonly bigint[] {
  const bounds: bigint[] = [];
  const waiting: Branch[] = [root];
  for (const [index, node] of nodes.entries()) {
    const branch = waiting.pop();
    demand(branch !== undefined, invalid, { node: index, problem: 'a node is not in the tree' });
    if (isLeaf(node)) {
      const found = bound(node, branch, index);
      if (found !== undefined) bounds.push(found);
    } else {
      const [first, second] = halves(node as SplitOf<Node>, branch, index);
      waiting.push(second, first);
    }
  }
  demand(waiting.length === 0, invalid, { node: nodes.length, problem: 'a leaf is missing' });
  return bounds;
}

function isLeaf<Node extends { readonly kind: string }>(node: Node): node is LeafOf<Node> {
  return node.kind === 'leaf';
}
