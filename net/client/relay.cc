#include "net/client/relay.h"

namespace rondo {
namespace {

// Nothing was cut off.
bool IsOrderly(CloseReason reason) {
  return reason == CloseReason::kPeerClosed ||
         reason == CloseReason::kLocalClosed || reason == CloseReason::kDrained;
}

}  // namespace

void Relay::Join(TcpConnection& a, Relay& end_of_a, TcpConnection& b,
                 Relay& end_of_b) {
  a.SetFeeder(b.handle());
  b.SetFeeder(a.handle());
  end_of_a.SetPeer(b, end_of_b);
  end_of_b.SetPeer(a, end_of_a);
}

void Relay::SetPeer(TcpConnection& peer, Relay& end_of_peer) {
  peer_ = peer.handle();
  end_of_peer_ = &end_of_peer;
  if (input_ended_) peer.Shutdown();
  if (closed_.has_value()) HandleClose(*closed_);
}

void Relay::HandleMessage(TcpConnection& connection, Buffer& input) {
  if (TcpConnection* const peer = peer_.local(); peer != nullptr) {
    peer->Send(input.view());
    end_of_peer_->ReleaseHold(*peer);
    if (!owed_.has_value()) owed_.emplace(connection.Hold());
  }
  input.Clear();
}

void Relay::ReleaseHold(TcpConnection& connection) {
  if (!owed_.has_value()) return;
  owed_->Release(&connection);
  owed_.reset();
}

void Relay::HandleHalfClose() {
  input_ended_ = true;
  TcpConnection* const peer = peer_.local();
  if (peer != nullptr) peer->Shutdown();
}

void Relay::HandleClose(CloseReason reason) {
  closed_ = reason;
  TcpConnection* const peer = peer_.local();
  if (peer == nullptr) return;
  if (IsOrderly(reason)) {
    peer->Close();
  } else {
    peer->Reset();
  }
}

}  // namespace rondo
