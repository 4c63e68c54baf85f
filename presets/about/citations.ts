/**
 * What to cite: the paper, and the data that models were trained on, as BibTeX.
 */

/** Entries of one bibliography. */
export const cite = (...entries: readonly string[]): string => entries.join('\n\n');

export const perceiverIO = `@inproceedings{jaegle2022perceiverio,
  title         = {Perceiver {IO}: A General Architecture for Structured Inputs \\& Outputs},
  author        = {Jaegle, Andrew and Borgeaud, Sebastian and Alayrac, Jean-Baptiste and Doersch, Carl and
                   Ionescu, Catalin and Ding, David and Koppula, Skanda and Zoran, Daniel and Brock, Andrew and
                   Shelhamer, Evan and H{\\'e}naff, Olivier and Botvinick, Matthew M. and Zisserman, Andrew and
                   Vinyals, Oriol and Carreira, Jo{\\~a}o},
  booktitle     = {International Conference on Learning Representations},
  year          = {2022},
  eprint        = {2107.14795},
  archivePrefix = {arXiv}
}`;

export const c4 = `@article{raffel2020exploring,
  title   = {Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer},
  author  = {Raffel, Colin and Shazeer, Noam and Roberts, Adam and Lee, Katherine and Narang, Sharan and
             Matena, Michael and Zhou, Yanqi and Li, Wei and Liu, Peter J.},
  journal = {Journal of Machine Learning Research},
  volume  = {21},
  number  = {140},
  pages   = {1--67},
  year    = {2020}
}`;

export const imageNet = `@article{russakovsky2015imagenet,
  title   = {{ImageNet} Large Scale Visual Recognition Challenge},
  author  = {Russakovsky, Olga and Deng, Jia and Su, Hao and Krause, Jonathan and Satheesh, Sanjeev and
             Ma, Sean and Huang, Zhiheng and Karpathy, Andrej and Khosla, Aditya and Bernstein, Michael and
             Berg, Alexander C. and Fei-Fei, Li},
  journal = {International Journal of Computer Vision},
  volume  = {115},
  number  = {3},
  pages   = {211--252},
  year    = {2015}
}`;

export const autoFlow = `@inproceedings{sun2021autoflow,
  title     = {{AutoFlow}: Learning a Better Training Set for Optical Flow},
  author    = {Sun, Deqing and Vlasic, Daniel and Herrmann, Charles and Jampani, Varun and Krainin, Michael and
               Chang, Huiwen and Zabih, Ramin and Freeman, William T. and Liu, Ce},
  booktitle = {IEEE/CVF Conference on Computer Vision and Pattern Recognition},
  year      = {2021}
}`;

export const kinetics = `@article{smaira2020short,
  title         = {A Short Note on the {Kinetics}-700-2020 Human Action Dataset},
  author        = {Smaira, Lucas and Carreira, Jo{\\~a}o and Noland, Eric and Clancy, Ellen and Wu, Amy and
                   Zisserman, Andrew},
  year          = {2020},
  eprint        = {2010.10864},
  archivePrefix = {arXiv}
}`;

export const alphaStar = `@article{vinyals2019grandmaster,
  title   = {Grandmaster level in {StarCraft} {II} using multi-agent reinforcement learning},
  author  = {Vinyals, Oriol and Babuschkin, Igor and Czarnecki, Wojciech M. and others},
  journal = {Nature},
  volume  = {575},
  pages   = {350--354},
  year    = {2019},
  doi     = {10.1038/s41586-019-1724-z}
}`;

export const opticalDigits = `@misc{alpaydin1998optical,
  title     = {Optical Recognition of Handwritten Digits},
  author    = {Alpaydin, E. and Kaynak, C.},
  publisher = {UCI Machine Learning Repository},
  year      = {1998},
  doi       = {10.24432/C50P49}
}`;

export const wordNet = `@article{miller1995wordnet,
  title   = {{WordNet}: A Lexical Database for {English}},
  author  = {Miller, George A.},
  journal = {Communications of the ACM},
  volume  = {38},
  number  = {11},
  pages   = {39--41},
  year    = {1995}
}`;
