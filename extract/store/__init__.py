"""The shop: the system of record whose data the warehouse reads.

Four contexts (sales, customer, marketplace, fulfillment) in pure Python over a shared kernel.
How they are stored is in ``postgres``, how a dataset is played through them in ``play``. What
follows from the data is the warehouse's task and is not here.
"""
