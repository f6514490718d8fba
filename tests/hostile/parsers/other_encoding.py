# -*- coding: utf-7 -*-
# Code that looks like a comment: +AAo-print('answer')
print('done')
