# -*- coding: utf_7 -*-
+AHAAcgBpAG4AdAAoADQAMgAp-
