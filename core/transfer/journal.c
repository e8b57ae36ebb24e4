#include "core/transfer/journal.h"
int nephi_journal_keeps(const neph_transfer *transfer)
{
    (void)transfer;
    return 0;
}
void nephi_journal_leave(neph_transfer *transfer)
{
    (void)transfer;
}
void nephi_journal_forget(neph_transfer *transfer)
{
    (void)transfer;
}
int nephi_journal_upload(neph_transfer *transfer)
{
    (void)transfer;
    return 0;
}
int nephi_journal_part(neph_transfer *transfer, size_t index)
{
    (void)transfer;
    (void)index;
    return 0;
}
int nephi_journal_completing(neph_transfer *transfer)
{
    (void)transfer;
    return 0;
}
