# -*- coding: bogus -*-
print('done')
