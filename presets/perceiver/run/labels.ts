/** The names of ModelNet40's classes, in the order of their names. Source: modelnet.cs.princeton.edu. */
const names =
  'airplane bathtub bed bench bookshelf bottle bowl car chair cone cup curtain desk door dresser flower_pot glass_box guitar keyboard lamp laptop mantel monitor night_stand person piano plant radio range_hood sink sofa stairs stool table tent toilet tv_stand vase wardrobe xbox';

export const modelNetLabels: readonly string[] = names.split(' ').map((name) => name.replace('_', ' '));
